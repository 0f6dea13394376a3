"""Time and rules: late steps, windows, exits, chains, groups, pauses, and why a record was moved."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the rules; what is enrolled already goes on as before."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
