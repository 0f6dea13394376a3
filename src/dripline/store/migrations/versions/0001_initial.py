"""The first schema."""

from pathlib import Path

from alembic import context, op

from dripline.store.database.dialect import DIALECTS, schema_statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table, and let record ids start where this database's own range does."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
    start = DIALECTS[op.get_bind().dialect.name].first_record_id(context.config.attributes["first_record_id"])
    op.get_bind().exec_driver_sql(start)
