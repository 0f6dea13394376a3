"""An import remembers how a person said that its columns are to be read, and counts what was left out of its rows."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Add what a person said of the columns, and the counts; earlier imports have none."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
