"""Accounts: what a sender is called at its provider."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; senders that are there have none, and go by their name as before."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
