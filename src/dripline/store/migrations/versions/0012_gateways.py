"""Gateways: accounts that are asked after, messages that are looked for, and senders that may only answer."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add what is known of accounts; nobody was asked after yet, and no sender is held to answering."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
