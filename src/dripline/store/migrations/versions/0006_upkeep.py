"""Upkeep: how PostgreSQL leaves room on its pages, and how soon it tidies up."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import POSTGRESQL, schema_statements

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Set what the big and the busy tables need. Changes nothing that is stored."""
    if op.get_bind().dialect.name == POSTGRESQL.name:
        for statement in schema_statements(POSTGRESQL.name, Path(__file__)):
            op.get_bind().exec_driver_sql(statement)
