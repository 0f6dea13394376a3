"""Runs the migrations inside the transaction that `store.migrate` began."""

from collections.abc import Iterable

from alembic import context

from dripline.store.hands import put_up, take_down

connection = context.config.attributes["connection"]


def ask(statement: str) -> Iterable[tuple[object, ...]]:
    """Run a statement where the migrations run, and return what it finds."""
    found = connection.exec_driver_sql(statement)
    return found.fetchall() if found.returns_rows else ()


context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    take_down(connection.dialect.name, ask)
    context.run_migrations()
    put_up(connection.dialect.name, ask)
