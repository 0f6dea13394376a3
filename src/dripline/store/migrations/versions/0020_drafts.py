"""Drafts: sequences that somebody is still writing."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the table; nothing was a draft so far."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
