"""Brings a database's schema up to the program's, forward only, or refuses and leaves it as it was.

The migration library is imported only when a migration is due: it takes longer to import than a pass takes to run.
"""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from importlib.resources import files

from dripline.core.views.operations import SchemaChange
from dripline.errors import DatabaseContended, DatabaseLocked, DatabaseProblem
from dripline.store.database.database import Database
from dripline.store.database.schema import migration, newest, version

_TURN = {
    "sqlite": ("BEGIN IMMEDIATE",),
    # One migration at a time, whatever the number of processes that start at once.
    "postgresql": ("BEGIN", "SELECT pg_advisory_xact_lock(7245102)"),
}

PATIENCE = 60
"""How often a migration asks for its turn, ten seconds each: another one may be at work on a large database."""

TRIES = 3
"""How often a migration begins that gets into a circle with processors that are still at work."""

OnChange = Callable[[str], None]
"""Told the version that each change led to, before anything is committed."""

_log = logging.getLogger("dripline.migrate")


def migrate(
    database: Database, first_record_id: int, on_change: OnChange = lambda _version: None
) -> tuple[SchemaChange, ...]:
    """Make or migrate the schema, in one transaction. Record ids of a new database start at `first_record_id`.

    Returns the changes that were made; none where another process was faster.

    Raises:
        DatabaseTooNew: It was made by a newer program.
        DatabaseForeign: It holds tables that are not dripline's.
        DatabaseLocked: Another program holds the database, or a table of it.
    """
    if version(database) == newest():
        return ()
    for _ in range(TRIES - 1):
        try:
            return _upgrade(database, first_record_id, on_change)
        except DatabaseContended as problem:
            _log.info("migrate.again error=%s", problem)
    return _upgrade(database, first_record_id, on_change)


def _upgrade(database: Database, first_record_id: int, on_change: OnChange) -> tuple[SchemaChange, ...]:
    import alembic.command
    import alembic.config
    import sqlalchemy
    import sqlalchemy.exc
    from sqlalchemy.pool import StaticPool

    driver = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}[database.dialect.name]
    config = alembic.config.Config()
    config.set_main_option("script_location", str(files("dripline.store") / "migrations"))
    config.set_main_option("path_separator", "os")
    # The library works on our own connection. It rolls back once when it connects: our transaction begins after that.
    engine = sqlalchemy.create_engine(driver, creator=database.raw, poolclass=StaticPool)
    with engine.connect() as connection, _one_at_a_time(database):
        # Another process may have migrated it while this one waited for its turn.
        found = version(database)
        changes = migration(database, found or "").changes
        if changes:
            config.attributes.update(connection=connection, first_record_id=first_record_id, on_change=on_change)
            try:
                alembic.command.upgrade(config, "head")
            except sqlalchemy.exc.DBAPIError as error:
                raise database.problem(error.orig or error) from error
        return changes


@contextmanager
def _one_at_a_time(database: Database) -> Generator[None]:
    """Hold the database for one transaction, which the library's own commit ends; undo everything on an error."""
    database.prepare_writing()
    for _ in range(PATIENCE - 1):
        try:
            _take_turn(database)
            break
        except DatabaseLocked as problem:
            _log.warning("migrate.waits error=%s", problem)
    else:
        _take_turn(database)
    try:
        yield
    finally:
        # After the library's commit or rollback there is no transaction, and nothing left to undo.
        _undo(database)


def _take_turn(database: Database) -> None:
    try:
        for statement in _TURN[database.dialect.name]:
            database.script(statement)
    except DatabaseProblem:
        _undo(database)
        raise


def _undo(database: Database) -> None:
    with suppress(DatabaseProblem):
        database.script("ROLLBACK")
