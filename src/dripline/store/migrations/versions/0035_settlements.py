"""Settlements: as what unknown records were settled, and by whom."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Add the table; what was settled before is not known."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
