"""Records that were cancelled since their leads went over to another version are counted apart."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0032"
down_revision = "0031"

ALONE = {"-- SQLite": "sqlite", "-- PostgreSQL": "postgresql"}
"""How a statement begins that is for one database alone."""


def upgrade() -> None:
    """Add the mark, let the triggers go by it, and mark what is there."""
    name = op.get_bind().dialect.name
    for statement in schema_statements(name, Path(__file__)):
        if ALONE.get(statement.partition(":")[0], name) == name:
            op.get_bind().exec_driver_sql(statement)
