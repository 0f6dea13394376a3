"""Events: who is told of what happens, and how far that is."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the tables; nobody is told of anything yet."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
