"""References that lead nowhere: a SQLite refuses them at a SQL prompt as well."""

from alembic import op

from dripline.store.sql_prompt.hands import sqlite_tables
from dripline.store.sql_prompt.references import let_go

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Empty references that lead nowhere; what refuses new ones is made after each migration."""
    if op.get_bind().dialect.name == "sqlite":
        ask = op.get_bind().exec_driver_sql
        let_go(sqlite_tables(ask), ask)
