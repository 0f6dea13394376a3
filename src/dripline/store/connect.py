"""From a URL to an open database."""

import re
from urllib.parse import unquote

from dripline.errors import InvalidSettings
from dripline.store.database import Database
from dripline.store.sqlite import SqliteDatabase


def connect(url: str) -> Database:
    """Open the database at a URL, or at a path, which means SQLite. A SQLite file is made if there is none.

    Takes ``sqlite:///relative.db``, ``sqlite:////absolute.db``, ``sqlite://`` (in memory), ``postgresql://…``, a path.

    Raises:
        InvalidSettings: The URL cannot be read.
        DatabaseUnreachable: It cannot be opened or reached.
        DatabaseForeign: The file is something else.
    """
    check_written(url)
    scheme, separator, rest = url.partition("://")
    if not separator:
        return SqliteDatabase(url)
    if scheme == "sqlite":
        return SqliteDatabase(unquote(rest.removeprefix("/")) or ":memory:")
    if scheme in {"postgresql", "postgres"}:
        from dripline.store.postgresql import PostgresDatabase

        return PostgresDatabase(url)
    raise InvalidSettings(f"The database URL starts with {scheme}://: use a path, sqlite:///FILE or postgresql://….")


def check_written(url: str) -> None:
    """Refuse what would be a path only by a slip of the pen: it may hold a password, and paths are told.

    Raises:
        InvalidSettings: It begins as the URL of a PostgreSQL, and goes on as none.
    """
    if re.match(r"\s*postgres\w*(?!\w|://)[:/].*@", url, re.IGNORECASE):
        raise InvalidSettings("The database URL cannot be read: write postgresql://user:password@host/name.")
