"""Leads that may have asked to stop wait for a person."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """Add the leads that wait, and what they said."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
