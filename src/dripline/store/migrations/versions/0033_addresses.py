"""Addresses of enrollments: one live run for each sequence and address."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Write down where every live enrollment sends, and hold each address to one."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
