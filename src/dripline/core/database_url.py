"""Where a database is, as a person writes it: a path, or a URL of SQLite or PostgreSQL."""

import re
from urllib.parse import unquote

from dripline.errors import InvalidSettings

IN_MEMORY = ":memory:"
"""What SQLite calls a database that is gone when it is closed."""


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
