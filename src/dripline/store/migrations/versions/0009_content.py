"""Content: pictures, providers' templates and other channels' words beside a step's text, and who wrote to us when."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the content of steps, which have none yet, and the conversations; who wrote before is not known."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
