"""Restored copies: what may have gone since the backup, and how many passes the database has seen."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add the columns; nothing is suspected yet."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
    if op.get_bind().dialect.name == "sqlite":
        # Of a PostgreSQL the server knows what it is.
        op.get_bind().exec_driver_sql("UPDATE workspace SET identity = lower(hex(randomblob(16)))")
