"""What providers say of accounts reaches operators, and what is older undoes nothing."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Add what is told of each thing."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
