"""From a URL to a connection on which named statements run, alike on SQLite and PostgreSQL.

A `Database` is one connection behind one lock: calls from several threads take turns. Every write runs inside
`transaction()`. Instants go in and come out as aware UTC datetimes, JSON goes in as a dict keyed by text.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString, Protocol, cast
from urllib.parse import unquote, urlsplit

from dripline.errors import (
    DatabaseForeign,
    DatabaseFull,
    DatabaseLocked,
    DatabaseProblem,
    DatabaseReadOnly,
    DatabaseUnreachable,
    InvalidSettings,
)
from dripline.store.dialect import POSTGRESQL, SQLITE, Dialect
from dripline.store.statements import compiled

Row = Mapping[str, Any]

LOCK_TIMEOUT = 10.0
"""How long to wait for another program that holds the database, in seconds."""

CONNECT_TIMEOUT = 10
"""How long to wait for PostgreSQL to answer a new connection, in seconds."""

OLDEST_SQLITE = (3, 38, 0)
"""The first SQLite that reads JSON with ``->>``."""


class Database(Protocol):
    """One open database."""

    dialect: Dialect
    label: str

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Run a named statement and return its rows."""
        ...

    def change(self, name: str, /, **parameters: object) -> int:
        """Run a named statement and return how many rows it wrote."""
        ...

    def script(self, text: str) -> list[Row]:
        """Run one statement written for this database alone: schema and upkeep."""
        ...

    def transaction(self) -> Any:  # noqa: ANN401  (a context manager; Protocol methods cannot be generators)
        """Hold the database for one transaction: committed at the end, rolled back on any exception."""
        ...

    def snapshot(self) -> Any:  # noqa: ANN401  (a context manager, as above)
        """Read several statements as of one instant; nothing may be written."""
        ...

    def raw(self) -> Any:  # noqa: ANN401  (the driver's own connection, for the migration library)
        """Return the driver's connection."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


def connect(url: str) -> Database:
    """Open the database at a URL, or at a path, which means SQLite. A SQLite file is made if there is none.

    Takes ``sqlite:///relative.db``, ``sqlite:////absolute.db``, ``sqlite://`` (in memory), ``postgresql://…``, a path.

    Raises:
        InvalidSettings: The URL cannot be read.
        DatabaseUnreachable: It cannot be opened or reached.
        DatabaseForeign: The file is something else.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return SqliteDatabase(url)
    if scheme == "sqlite":
        return SqliteDatabase(unquote(rest.removeprefix("/")) or ":memory:")
    if scheme in {"postgresql", "postgres"}:
        return PostgresDatabase(url)
    raise InvalidSettings(f"The database URL starts with {scheme}://: use a path, sqlite:///FILE or postgresql://….")


def instant(value: object) -> datetime:
    """Read an instant as the database returned it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromisoformat(cast("str", value)).replace(tzinfo=UTC)


def instant_or_none(value: object) -> datetime | None:
    """Read an instant that may be missing."""
    return None if value is None else instant(value)


class SqliteDatabase:
    """A SQLite file, or memory: WAL, one writer, every commit on disk before it is answered."""

    dialect = SQLITE

    def __init__(self, path: str) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DatabaseUnreachable(
                f"This Python has SQLite {sqlite3.sqlite_version}, dripline needs 3.38 or newer: use a newer Python."
            )
        self.label = path
        self._lock = threading.RLock()
        self._statements = compiled(SQLITE)
        with _sqlite_problems(path):
            self._connection = sqlite3.connect(
                path, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            try:
                self._prepare(path)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self, path: str) -> None:
        self._connection.row_factory = sqlite3.Row
        for pragma in ("foreign_keys = ON", "synchronous = FULL", "temp_store = MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")
        mode = self._connection.execute("PRAGMA journal_mode").fetchone()[0]
        if mode not in {"wal", "memory"} and _is_writable(path):
            self._connection.execute("PRAGMA journal_mode = WAL")

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Run a named statement and return its rows."""
        with self._lock, _sqlite_problems(self.label):
            return cast("list[Row]", self._connection.execute(self._statements[name], _bound(parameters)).fetchall())

    def change(self, name: str, /, **parameters: object) -> int:
        """Run a named statement and return how many rows it wrote."""
        with self._lock, _sqlite_problems(self.label):
            return self._connection.execute(self._statements[name], _bound(parameters)).rowcount

    def script(self, text: str) -> list[Row]:
        """Run one statement written for SQLite alone."""
        with self._lock, _sqlite_problems(self.label):
            return cast("list[Row]", self._connection.execute(text).fetchall())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the only writer's place for one transaction."""
        with self._lock, _sqlite_problems(self.label):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                if self._connection.in_transaction:
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read as of one instant, beside the writer."""
        with self._lock, _sqlite_problems(self.label):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def raw(self) -> sqlite3.Connection:
        """Return the driver's connection."""
        return self._connection

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class PostgresDatabase:
    """A PostgreSQL database, one connection; instants are timestamptz in UTC."""

    dialect = POSTGRESQL

    def __init__(self, url: str) -> None:
        import psycopg
        from psycopg.rows import dict_row
        from psycopg.types.json import Json

        self.label = _without_password(url)
        self._lock = threading.RLock()
        self._statements = cast("dict[str, LiteralString]", compiled(POSTGRESQL))
        self._as_json = Json
        with _postgres_problems(self.label):
            self._connection = psycopg.connect(
                url, autocommit=True, connect_timeout=CONNECT_TIMEOUT, options="-c timezone=UTC -c lock_timeout=10s"
            )
        self._cursor = self._connection.cursor(row_factory=dict_row)

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Run a named statement and return its rows."""
        with self._lock, _postgres_problems(self.label):
            return cast("list[Row]", self._cursor.execute(self._statements[name], self._bound(parameters)).fetchall())

    def change(self, name: str, /, **parameters: object) -> int:
        """Run a named statement and return how many rows it wrote."""
        with self._lock, _postgres_problems(self.label):
            return self._cursor.execute(self._statements[name], self._bound(parameters)).rowcount

    def script(self, text: str) -> list[Row]:
        """Run one statement written for PostgreSQL alone."""
        with self._lock, _postgres_problems(self.label):
            result = self._cursor.execute(cast("LiteralString", text))
            return cast("list[Row]", result.fetchall() if result.description else [])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the connection for one transaction."""
        with self._lock, _postgres_problems(self.label), self._connection.transaction():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read as of one instant."""
        with self._lock, _postgres_problems(self.label), self._connection.transaction():
            self._cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

    def raw(self) -> Any:  # noqa: ANN401  (psycopg's Connection; the module is imported only where it is used)
        """Return the driver's connection."""
        return self._connection

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _bound(self, parameters: dict[str, object]) -> dict[str, object]:
        return {
            name: self._as_json(cast("object", value)) if isinstance(value, dict) else value
            for name, value in parameters.items()
        }


def _bound(parameters: dict[str, object]) -> dict[str, object]:
    return {name: _sqlite_value(value) for name, value in parameters.items()}


def _sqlite_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _is_writable(path: str) -> bool:
    from os import W_OK, access

    return path == ":memory:" or access(path, W_OK)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"postgresql://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


@contextmanager
def _sqlite_problems(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _sqlite_problem(path, error) from error


def _sqlite_problem(path: str, error: sqlite3.Error) -> Exception:
    text = str(error)
    if "locked" in text or "busy" in text:
        return DatabaseLocked(f"Another program holds {path}: close it, or try again when it has finished.")
    if "readonly" in text:
        return DatabaseReadOnly(f"{path} cannot be written: give this user write access to the file and its folder.")
    if "disk is full" in text:
        return DatabaseFull(f"There is no room left to write {path}: free some space and try again.")
    if "not a database" in text or "malformed" in text:
        return DatabaseForeign(f"{path} is not a SQLite database, or it is damaged: name another file.")
    if "unable to open" in text:
        there = "its folder does not exist" if not Path(path).parent.is_dir() else "it cannot be opened"
        return DatabaseUnreachable(f"{path} cannot be opened, {there}: check the path and its permissions.")
    return error if isinstance(error, sqlite3.IntegrityError) else DatabaseProblem(f"{path}: {text}.")


@contextmanager
def _postgres_problems(label: str) -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise _postgres_problem(label, error) from error


def _postgres_problem(label: str, error: Any) -> Exception:  # noqa: ANN401  (psycopg.Error, imported lazily)
    import psycopg
    from psycopg import errors

    text = str(error).strip().partition("\n")[0]
    match error:
        case errors.LockNotAvailable():
            return DatabaseLocked(f"Another program holds {label}: try again when it has finished.")
        case errors.ReadOnlySqlTransaction() | errors.InsufficientPrivilege():
            return DatabaseReadOnly(f"{label} cannot be written by this user: {text}.")
        case errors.DiskFull():
            return DatabaseFull(f"There is no room left to write {label}: free some space and try again.")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return DatabaseUnreachable(f"{label} cannot be reached: {text}.")
        case psycopg.ProgrammingError() if "connection string" in text or "URI" in text:
            return InvalidSettings(f"The database URL {label} cannot be read: {text}.")
        case psycopg.IntegrityError():
            return cast("Exception", error)
        case _:
            return DatabaseProblem(f"{label}: {text}.")
