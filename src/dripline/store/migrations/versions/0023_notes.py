"""Notes: what people write down about leads."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the table; nothing is written yet."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
