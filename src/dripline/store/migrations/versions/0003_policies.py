"""Sequences say what happens when a step fails or nobody knows whether it went."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the policies, with what was done until now as their defaults."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
