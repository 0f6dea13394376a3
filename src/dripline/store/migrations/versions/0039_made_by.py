"""Who made a token or a link: what is theirs ends when they are kept out."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Keep who made what lets somebody in."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
