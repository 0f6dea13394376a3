"""Senders as lanes: who sends, at what pace, and what each lane has done."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add senders; what is enrolled already goes on without one."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
