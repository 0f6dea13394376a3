"""From a URL to an open database."""

import re
from pathlib import Path
from urllib.parse import unquote

from dripline.errors import DatabaseMissing, InvalidSettings
from dripline.store.database.database import Database
from dripline.store.database.server_time import Machine
from dripline.store.database.sqlite import SqliteDatabase

IN_MEMORY = ":memory:"
"""What SQLite calls a database that is gone when it is closed."""


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


def sqlite_path(url: str) -> str | None:
    """Return the file that a URL or a path names, `IN_MEMORY` for none, or None for a PostgreSQL.

    Raises:
        InvalidSettings: The URL cannot be read, or names nothing.
    """
    check_written(url)
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    if scheme == "sqlite":
        return unquote(rest.removeprefix("/")) or IN_MEMORY
    if scheme in {"postgresql", "postgres"}:
        return None
    raise InvalidSettings(f"The database URL starts with {scheme}://: use a path, sqlite:///FILE or postgresql://….")


def missing(label: str) -> DatabaseMissing:
    """Return what is said where there is no database of a name."""
    return DatabaseMissing(
        f"There is no database at {label}: check the name, or make one there with dripline run --create."
    )


def check_written(url: str) -> None:
    """Refuse what would be a path only by a slip of the pen: it may hold a password, and paths are told.

    Raises:
        InvalidSettings: It names nothing, or begins as the URL of a PostgreSQL, and goes on as none.
    """
    if not url.strip() or url.strip() == "sqlite:///":
        raise InvalidSettings("The database has no name: give a file, sqlite:///FILE or postgresql://….")
    if "://" not in url and re.search(
        r"(?:^|\s)(?:host|hostaddr|port|dbname|user|\w*password|service)\s*=", url, re.IGNORECASE
    ):
        raise InvalidSettings("The database is given in libpq's words: write postgresql://user@host:port/name instead.")
    if re.match(r"\s*postgres\w*(?!\w|://)[:/].*@", url, re.IGNORECASE):
        raise InvalidSettings("The database URL cannot be read: write postgresql://user:password@host/name.")
