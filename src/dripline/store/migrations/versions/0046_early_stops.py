"""A stop of somebody who is not known yet waits for what tells whose it is."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """Add the stops that wait."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
