"""The least time between two runs of a lead through a sequence."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add the gap: a day for every sequence that is there."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
