"""SQLite: a file or memory, one writer, every commit on disk before it is answered."""

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dripline.errors import (
    DatabaseForeign,
    DatabaseFull,
    DatabaseLocked,
    DatabaseProblem,
    DatabaseReadOnly,
    DatabaseUnreachable,
)
from dripline.private_files import make_for_owner
from dripline.store.database.database import LOCK_TIMEOUT, Row, too_large
from dripline.store.database.dialect import SQLITE
from dripline.store.database.statements import compiled_on_use

OLDEST_SQLITE = (3, 38, 0)
"""The first SQLite that reads JSON with ``->>``."""

WAL_TRIES = 100
"""How often to try to switch a new file to WAL while other processes open it too."""


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
        self._statements = compiled_on_use(SQLITE)
        if path != ":memory:":
            # SQLite makes the files beside it with its mode.
            make_for_owner(path)
        with _sqlite_problems(path):
            self._connection = sqlite3.connect(
                path, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            try:
                # What is deleted is overwritten; some builds of SQLite do not do so by themselves.
                for pragma in ("foreign_keys = ON", "synchronous = FULL", "temp_store = MEMORY", "secure_delete = ON"):
                    self._connection.execute(f"PRAGMA {pragma}")
                # Asked of the file itself: one that is something else is found out here.
                self._writes_ahead = path == ":memory:" or self._is_write_ahead()
            except BaseException:
                self._connection.close()
                raise

    def clock_behind(self) -> timedelta:
        """Return zero: a file has no clock of its own."""
        return timedelta(0)

    def prepare_writing(self) -> None:
        """Switch the file to WAL, once for good; one that is only looked at is left as it is.

        SQLite does not wait for its turn to switch, so we wait for the others.
        """
        if self._writes_ahead or not os.access(self.label, os.W_OK):
            return
        with self._lock, _sqlite_problems(self.label):
            for _ in range(WAL_TRIES):
                self._writes_ahead = self._is_write_ahead()
                if self._writes_ahead:
                    return
                try:
                    self._connection.execute("PRAGMA journal_mode = WAL")
                except sqlite3.OperationalError:
                    self._connection.execute("BEGIN IMMEDIATE")
                    self._connection.execute("ROLLBACK")

    def _is_write_ahead(self) -> bool:
        return bool(self._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal")

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Run a named statement and return its rows."""
        try:
            with self._lock:
                return _rows(self._connection.execute(self._statements[name], _bound(parameters)))
        except sqlite3.Error as error:
            raise _sqlite_problem(self.label, error) from error
        except OverflowError as error:
            raise too_large() from error

    def change(self, name: str, /, **parameters: object) -> int:
        """Run a named statement and return how many rows it wrote."""
        try:
            with self._lock:
                return self._connection.execute(self._statements[name], _bound(parameters)).rowcount
        except sqlite3.Error as error:
            raise _sqlite_problem(self.label, error) from error
        except OverflowError as error:
            raise too_large() from error

    def script(self, text: str, /, **parameters: object) -> list[Row]:
        """Run one statement written for SQLite alone."""
        with self._lock, _sqlite_problems(self.label):
            return _rows(self._connection.execute(text, _bound(parameters)))

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Hold the only writer's place for one transaction; one inside another is a part of it."""
        with self._lock, _sqlite_problems(self.label):
            if self._connection.in_transaction:
                yield
                return
            self.prepare_writing()
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
    def snapshot(self) -> Generator[None]:
        """Read as of one instant, beside the writer; inside a transaction, as it sees things."""
        with self._lock, _sqlite_problems(self.label):
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def notify(self) -> None:
        """Do nothing: SQLite has no word for other processes, whose poll will find what is due."""

    def tidy(self) -> None:
        """Bring what was written ahead into the file and empty it, unless somebody reads: then a later writer does."""
        with self._lock, _sqlite_problems(self.label):
            if self._connection.in_transaction:
                return
            self._connection.execute("PRAGMA busy_timeout = 0")
            with suppress(sqlite3.OperationalError):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT * 1_000}")

    async def listen(self, wake: Callable[[], None]) -> None:
        """Return at once, for the same reason."""

    def close(self) -> None:
        """Give the file back, once nobody is at it: a thread whose task was cut off may be."""
        with self._lock:
            self._connection.close()


def _rows(cursor: sqlite3.Cursor) -> list[Row]:
    """Return what a cursor found. As dicts: sqlite3.Row looks a name up by comparing it with column after column."""
    found = cursor.fetchall()
    if not found:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def _bound(parameters: dict[str, object]) -> dict[str, object]:
    return {name: _sqlite_value(value) for name, value in parameters.items()}


def _sqlite_value(value: object) -> object:
    if isinstance(value, datetime):
        # Twice as fast as strftime; what follows the second is cut off.
        return value.astimezone(UTC).isoformat(" ")[:19]
    if isinstance(value, dict):
        return _as_json(value) if value else "{}"
    if isinstance(value, list):
        return _as_json(value)
    return value


_as_json = json.JSONEncoder(ensure_ascii=False).encode
"""Made once: `json.dumps` makes an encoder for every call that is not plain."""


@contextmanager
def _sqlite_problems(path: str) -> Generator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _sqlite_problem(path, error) from error


def _sqlite_problem(path: str, error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.IntegrityError):
        return error
    text = str(error)
    # Whoever may not look into a folder is told so below.
    with suppress(PermissionError):
        if "unable to open" in text and path != ":memory:" and not Path(path).parent.is_dir():
            return DatabaseUnreachable(f"{path} cannot be opened, its folder does not exist: check the path.")
        if "unable to open" in text and Path(path).is_dir():
            return DatabaseUnreachable(f"{path} cannot be opened, it is a folder: name a file in it.")
    kind, sentence = next((entry for sign, entry in _PROBLEMS.items() if sign in text), (DatabaseProblem, text))
    return kind(f"{path} {sentence}.")


_ACCESS = "give this user write access to the file and its folder"

_PROBLEMS: dict[str, tuple[type[DatabaseProblem], str]] = {
    "locked": (DatabaseLocked, "is held by another program: close that one, or try again when it has finished"),
    "readonly": (DatabaseReadOnly, f"cannot be written: {_ACCESS}"),
    "disk is full": (DatabaseFull, "has no room left to grow: free some space and try again"),
    "not a database": (DatabaseForeign, "is not a SQLite database: name another file"),
    "malformed": (DatabaseForeign, "is damaged: restore it from a backup"),
    "unable to open": (DatabaseUnreachable, f"cannot be opened: {_ACCESS}"),
}
"""What SQLite's own words mean for a person, by a part of them."""
