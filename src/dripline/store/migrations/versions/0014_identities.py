"""Identities: the names under which providers know leads, and the ids that they gave messages."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add both; nothing is known yet."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
