"""From a URL to an open database."""

from pathlib import Path

from dripline.core.database_url import IN_MEMORY, sqlite_path
from dripline.errors import DatabaseMissing
from dripline.store.database.database import Database
from dripline.store.database.server_time import Machine
from dripline.store.database.sqlite import SqliteDatabase


def connect(url: str, *, create: bool = True, machine: Machine | None = None, direct: str | None = None) -> Database:
    """Open the database at a URL, or at a path, which means SQLite. A SQLite file is made where `create` says so.

    Takes ``sqlite:///relative.db``, ``sqlite:////absolute.db``, ``sqlite://`` (in memory), ``postgresql://…``, a path.
    `machine`: the machine's clocks, where they are to be held against the database server's. `direct`: another URL of
    the same PostgreSQL, past the pool that `url` names.

    Raises:
        InvalidSettings: The URL cannot be read, or names nothing.
        DatabaseMissing: There is no such file, and none is made.
        DatabaseUnreachable: It cannot be opened or reached.
        DatabaseForeign: The file is something else.
    """
    path = sqlite_path(url)
    if path is None:
        from dripline.store.database.postgresql import PostgresDatabase

        return PostgresDatabase(url, machine, direct)
    if not create and path != IN_MEMORY and _is_missing(Path(path)):
        raise missing(path)
    return SqliteDatabase(path)


def _is_missing(path: Path) -> bool:
    """Return whether there is no such file in a folder that is there; who may not look is told by opening it."""
    try:
        return path.parent.is_dir() and not path.exists()
    except PermissionError:
        return False


def missing(label: str) -> DatabaseMissing:
    """Return what is said where there is no database of a name."""
    return DatabaseMissing(
        f"There is no database at {label}: check the name, or make one there with dripline run --create."
    )
