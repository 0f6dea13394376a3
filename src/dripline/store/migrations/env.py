"""Runs the migrations inside the transaction that `store.database.migrate` began."""

from collections.abc import Iterable

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from dripline.store.sql_prompt.hands import put_up, take_down

connection = context.config.attributes["connection"]


def ask(statement: str) -> Iterable[tuple[object, ...]]:
    """Run a statement where the migrations run, and return what it finds."""
    found = connection.exec_driver_sql(statement)
    return found.fetchall() if found.returns_rows else ()


def tell(ctx: MigrationContext, step: MigrationInfo, heads: object, run_args: object) -> None:  # noqa: ARG001  (by name)
    """Say that a migration has run."""
    context.config.attributes["on_change"](str(step.up_revision_id))


context.configure(connection=connection, transactional_ddl=True, on_version_apply=tell)
with context.begin_transaction():
    take_down(connection.dialect.name, ask)
    context.run_migrations()
    put_up(connection.dialect.name, ask)
