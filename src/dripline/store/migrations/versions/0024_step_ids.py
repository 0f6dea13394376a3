"""Ids of steps: what a step is known by in every version."""

from pathlib import Path

from alembic import op

from dripline.store.database.dialect import schema_statements

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Give every step an id: steps of one sequence that say the same in several versions are one."""
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
