"""Tallies: how many records, enrollments and leads stand where, kept by the database itself."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0016"
down_revision = "0015"

ALONE = {"-- SQLite": "sqlite", "-- PostgreSQL": "postgresql"}
"""How a statement begins that is for one database alone."""


def upgrade() -> None:
    """Add the tallies and what keeps them, and count what is there: nobody writes between the two."""
    name = op.get_bind().dialect.name
    for statement in schema_statements(name, Path(__file__)):
        if ALONE.get(statement.partition(":")[0], name) == name:
            op.get_bind().exec_driver_sql(statement)
