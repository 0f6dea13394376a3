"""Processors make themselves known, so that a second one on a database can be told of the first."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of workers."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
