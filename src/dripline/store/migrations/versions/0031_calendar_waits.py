"""Days of the calendar in a step's wait."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Take whole days, as they are shown, for days."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
