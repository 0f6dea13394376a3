"""Lists: the indexes by which their pages are found."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import POSTGRESQL, schema_statements

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the indexes. Changes nothing that is stored."""
    database = op.get_bind().dialect.name
    for statement in schema_statements(database, Path(__file__)):
        if database == POSTGRESQL.name or not statement.startswith("-- For PostgreSQL alone"):
            op.get_bind().exec_driver_sql(statement)
