"""Steps: the index by which their records are found."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the index, and widen two others. Changes nothing that is stored."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
