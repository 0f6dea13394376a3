"""Brings a database's schema up to the program's, forward only, or refuses and leaves it as it was."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from dripline.core.views.schema import SchemaChange
from dripline.errors import DatabaseContended, DatabaseLocked, DatabaseProblem
from dripline.store.database.database import Database
from dripline.store.migrations.files import (
    changes_before_1_0,
    statements_before_1_0,
    statements_of,
)
from dripline.store.migrations.schema import migration, newest, version
from dripline.store.sql_prompt.prompt_triggers import put_up, take_down

_TURN = {
    "sqlite": ("BEGIN IMMEDIATE",),
    # One migration at a time, whatever the number of processes that start at once.
    "postgresql": ("BEGIN", "SELECT pg_advisory_xact_lock(7245102)"),
}

TURN_TRIES = 60
"""How often a migration asks for its turn, ten seconds each: another one may be at work on a large database."""

TRIES = 3
"""How often a migration begins that gets into a circle with processors that are still at work."""

FIRST = "1.0001"
"""The version of the first schema of 1.0."""

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
    with _one_at_a_time(database):
        # Another process may have migrated it while this one waited for its turn.
        found = version(database)
        changes = migration(database, found or "").changes
        if changes:
            take_down(database.dialect.name, _asking(database))
            for change in changes:
                make_change(database, change.version, is_new=found is None)
                on_change(change.version)
            if found is None:
                database.script(database.dialect.first_record_id(first_record_id))
            put_up(database.dialect.name, _asking(database))
        return changes


def make_change(database: Database, to: str, *, is_new: bool) -> None:
    """Bring a database from the version before to this one. Call inside a transaction."""
    if to in {change.version for change in changes_before_1_0()}:
        _make_change_before_1_0(database, to)
    elif to != FIRST or is_new:
        # Whatever comes from before 1.0 has the first schema of 1.0 by then, and only gets its number.
        for statement in statements_of(database.dialect, to):
            database.script(statement)
    database.script(f"UPDATE alembic_version SET version_num = '{to}'")  # noqa: S608  (of our own names)


def _make_change_before_1_0(database: Database, to: str) -> None:
    # Imported only here: hardly any database needs it.
    from dripline.store.migrations.before_1_0.steps import STEPS

    for statement in statements_before_1_0(database.dialect, to, "to"):
        database.script(statement)
    if to in STEPS:
        STEPS[to](database.dialect.name, _asking(database))
    for statement in statements_before_1_0(database.dialect, to, "then"):
        database.script(statement)


def _asking(database: Database) -> Callable[..., list[tuple[object, ...]]]:
    """Return what runs statements on the connection that migrates, for those that are made from what there is."""

    def ask(statement: str, /, **values: object) -> list[tuple[object, ...]]:
        text = database.dialect.statement(statement) if values else statement
        return [tuple(row.values()) for row in database.script(text, **values)]

    return ask


@contextmanager
def _one_at_a_time(database: Database) -> Generator[None]:
    """Hold the database for one transaction; undo everything on an error."""
    database.prepare_writing()
    for _ in range(TURN_TRIES - 1):
        try:
            _take_turn(database)
            break
        except DatabaseLocked as problem:
            _log.warning("migrate.waits error=%s", problem)
    else:
        _take_turn(database)
    try:
        yield
        database.script("COMMIT")
    except BaseException:
        _undo(database)
        raise


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
