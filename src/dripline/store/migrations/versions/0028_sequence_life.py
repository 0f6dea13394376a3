"""Archived and deleted sequences."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the columns. Changes nothing that is stored."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
