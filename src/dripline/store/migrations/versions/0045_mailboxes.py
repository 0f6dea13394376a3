"""What people answer to mails is read from mailboxes."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Add how far mailboxes are read."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
