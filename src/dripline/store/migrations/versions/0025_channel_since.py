"""Since when a sequence goes through its channel."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the column; what is there has always gone through its channel, as far as anybody knows."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
