"""Other addresses of merged leads, and what is in flight of leads that got another address."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Make room for the addresses and ids of leads that became part of others."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
