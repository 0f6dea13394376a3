"""Imports: which lists came in, how far each came, and what each of them did."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the tables and the marks; what came in so far is of no import."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
