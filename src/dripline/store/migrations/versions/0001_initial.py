"""The first schema."""

from pathlib import Path

from alembic import context, op

from dripline.store.dialect import DIALECTS, split_statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table, and let record ids start where this database's own range does."""
    dialect = DIALECTS[op.get_bind().dialect.name]
    for statement in split_statements(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")):
        op.get_bind().exec_driver_sql(dialect.schema(statement))
    op.get_bind().exec_driver_sql(dialect.first_record_id(context.config.attributes["first_record_id"]))
