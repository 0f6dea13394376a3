"""Lists: the indexes by which their pages are found."""

from pathlib import Path

from alembic import op

from dripline.store.dialect import schema_statements

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the indexes. Changes nothing that is stored."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
