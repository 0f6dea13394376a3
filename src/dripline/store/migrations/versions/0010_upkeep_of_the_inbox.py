"""The inbox: posts that were refused are counted, and what was taken in long ago can be found to be let go."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the count of refused posts, and indexes by age."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
