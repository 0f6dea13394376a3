"""Sources of leads: who may hand some in by posts of their own."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the table; nobody hands anything in yet."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
