"""Access: users, their sessions, tokens of programs, and the log of what was changed."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add them; nobody may come in yet."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
