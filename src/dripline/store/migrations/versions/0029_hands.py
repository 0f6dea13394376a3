"""People at a SQL prompt: triggers of leads about which nothing was decided, and times in the form that is compared."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements
from dripline.store.sql_prompt.hands import make_times_plain

revision = "0029"
down_revision = "0028"

ALONE = {"-- SQLite": "sqlite", "-- PostgreSQL": "postgresql"}
"""How a statement begins that is for one database alone."""


def upgrade() -> None:
    """Add what finds such triggers, and bring times that stand in another form into the plain one."""
    name = op.get_bind().dialect.name
    for statement in schema_statements(name, Path(__file__)):
        if ALONE.get(statement.partition(":")[0], name) == name:
            op.get_bind().exec_driver_sql(statement)
    if name == "sqlite":
        make_times_plain(lambda statement: op.get_bind().exec_driver_sql(statement))
