"""Mail: HTML beside a step's text."""

from pathlib import Path

from alembic import op

from dripline.store.dialect import schema_statements

revision = "0013"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; steps that are there have none, and go as plain text as before."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
