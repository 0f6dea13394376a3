"""Bringing a database that an older version made up to this one, without opening it for anything else."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from dripline.app.session import first_record_id
from dripline.core.views.operations import Worker
from dripline.core.views.schema import Migration, SchemaChange
from dripline.engine.clock import new_id
from dripline.store.database.connect import connect, missing
from dripline.store.database.database import Database
from dripline.store.migrations.migrate import migrate
from dripline.store.migrations.schema import migration, version
from dripline.store.operations.workers import Workers


def plan_migration(url: str) -> Migration:
    """Return what would bring a database up to this version; its `changes` are empty where it is. Changes nothing.

    Raises:
        DatabaseMissing: There is no database.
        DatabaseTooNew: It was made by a newer version.
        DatabaseProblem: It cannot be opened as it is.
    """
    with closing(connect(url, create=False)) as database:
        return migration(database, _found(database))


def processors_at_work(url: str, now: datetime) -> list[Worker]:
    """Return the processors of any version that are at work on a database, the longest there first. Changes nothing.

    Raises:
        DatabaseMissing: There is no database.
        DatabaseProblem: It cannot be opened as it is.
    """
    with closing(connect(url, create=False)) as database:
        return Workers(database, "").present(now) if _found(database) >= _KNOWS_PROCESSORS else []


def migrate_database(url: str, on_change: Callable[[str], None]) -> tuple[SchemaChange, ...]:
    """Bring a database up to this version in one transaction, all of it or nothing; waits for another migration.

    `on_change` is told the version that each change led to. Returns the changes that were made.

    Raises:
        DatabaseMissing: There is no database.
        DatabaseTooNew: It was made by a newer version.
        DatabaseProblem: It cannot be opened or changed as it is; it was left as it was.
    """
    with closing(connect(url, create=False)) as database:
        _found(database)
        return migrate(database, first_record_id(new_id), on_change)


_KNOWS_PROCESSORS = "0002"
"""The first version whose processors make themselves known."""


def _found(database: Database) -> str:
    found = version(database)
    if found is None:
        raise missing(database.label)
    return found
