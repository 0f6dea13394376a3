"""When a lane's rest was written, so that one of a clock that was ahead is known."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add the instant."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
