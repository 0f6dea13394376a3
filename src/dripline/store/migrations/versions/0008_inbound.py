"""Inbound: what providers post, which events were taken in, and how far messages have come."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the inbox and the receipts; what was sent before has none."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
