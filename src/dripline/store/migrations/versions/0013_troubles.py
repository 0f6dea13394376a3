"""Troubles: what operators were told of, so that each is told once a day whoever sees it."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table; nobody was told of anything yet."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
