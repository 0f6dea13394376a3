"""Bodies that are not kept once they are taken in, since somebody in them was forgotten."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Mark which bodies those are."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
