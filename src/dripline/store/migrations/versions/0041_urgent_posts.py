"""What says that somebody wants no more, or who somebody is, is taken in before the rest of what was posted."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Add how urgent a body is; nobody has read what waits already, and it goes first."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
