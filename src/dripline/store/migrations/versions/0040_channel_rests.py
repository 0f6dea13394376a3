"""Channels that rest, as far as messages go by them without a sender."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Make room for how channels rest."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
