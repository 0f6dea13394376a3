"""Databases as older versions of the program made them."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from dripline.store.database.connect import connect
from dripline.store.database.database import Database
from dripline.store.migrations.files import changes_before_1_0, spelled
from dripline.store.migrations.migrate import make_change
from dripline.store.sql_prompt.prompt_triggers import put_up

OLDEST = "0023"
"""The version of commit 5e78288, whose databases are the oldest that are taken over."""

OLDER = "0030"
"""A version whose schema lacks columns that the present one has."""

WITH_HANDS = "0029"
"""The first version whose database does something for people at a SQL prompt."""

HERE = Path(__file__).parents[1] / "store"
SCHEMA = HERE / "schema_0023.sql"
SHOP = HERE / "shop_0023.json"
"""A shop of 30 leads under way, of every kind, as the program of that commit left it at its last tick."""

LEADS = ", ".join(
    f"({number}, '6012345{number:04}', 'Aina', '{{}}', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
    for number in range(1, 4)
)

VERSION = (
    "CREATE TABLE alembic_version"
    " (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def made_by_an_older_version(url: str, to: str = OLDER) -> str:
    """Make a database as an older version did, with three leads in it, and return its URL."""
    with closing(connect(url)) as database, database.transaction():
        _make_oldest(database)
        for change in changes_before_1_0():
            if change.version <= to:
                make_change(database, change.version, is_new=False)
        if to >= WITH_HANDS:
            put_up(database.dialect.name, lambda statement: [tuple(row.values()) for row in database.script(statement)])
        database.script(f"INSERT INTO leads (id, phone, name, attributes, created_at, updated_at) VALUES {LEADS}")
    return url


def shop_of_the_oldest_version(url: str, copies: int) -> str:
    """Make a database as commit 5e78288 did, with its shop so many times in it, and return its URL."""
    with closing(connect(url)) as database, database.transaction():
        _make_oldest(database)
        database.script("DELETE FROM workspace")
    tables: dict[str, dict[str, Any]] = json.loads(SHOP.read_text())
    for name, table in tables.items():
        rows = [row for copy in range(copies) for row in _copied(name, table, copy)]
        if name == "sender_loads":
            rows = [[sender, live * copies] for sender, live in table["rows"]]
        _fill(url, name, table["columns"], rows)
    return url


def _make_oldest(database: Database) -> None:
    for statement in spelled(database.dialect, SCHEMA.read_text()):
        database.script(statement)
    database.script(VERSION)
    database.script(f"INSERT INTO alembic_version VALUES ('{OLDEST}')")


SHIFTED = {
    "leads": ("id", "phone"),
    "lead_triggers": ("lead_id",),
    "suppressions": ("address",),
    "enrollments": ("id", "lead_id"),
    "sequence_contacts": ("id", "enrollment_id", "lead_id", "contact_phone"),
    "attempts": ("record_id",),
    "record_moves": ("id", "record_id"),
}
"""What each copy of the shop has of its own; everything else is there once."""

NUMBERED = (
    "senders",
    "sender_events",
    "sequences",
    "steps",
    "leads",
    "enrollments",
    "sequence_contacts",
    "record_moves",
)
"""Tables whose ids the database gives."""


def _copied(name: str, table: dict[str, Any], copy: int) -> Iterable[list[Any]]:
    if name not in SHIFTED:
        return table["rows"] if copy == 0 else []
    shifted = [column in SHIFTED[name] for column in table["columns"]]
    return [
        [_shifted(value, copy) if is_own else value for value, is_own in zip(row, shifted, strict=True)]
        for row in table["rows"]
    ]


def _shifted(value: int | str | None, copy: int) -> int | str | None:
    if isinstance(value, str):
        return str(int(value) + copy)
    return None if value is None else value + 1_000 * copy


def _fill(url: str, table: str, columns: list[str], rows: list[list[Any]]) -> None:
    if not url.startswith("postgresql"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            places = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
        return
    names = {"table": sql.Identifier(table), "columns": sql.SQL(", ").join(map(sql.Identifier, columns))}
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY {table} ({columns}) FROM STDIN").format(**names)) as copy:
            for row in rows:
                copy.write_row(row)
        if table in NUMBERED:
            # As if the rows had got their ids from it.
            last: LiteralString = "SELECT setval(pg_get_serial_sequence({name}, 'id'), (SELECT max(id) FROM {table}))"
            cursor.execute(sql.SQL(last).format(name=sql.Literal(table), **names))


def plant(url: str, statement: str) -> None:
    """Change something behind the program's back."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            connection.execute(statement.encode())
    else:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(statement)


def asked(url: str, query: str) -> list[tuple[object, ...]]:
    """Return what a database answers."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            return list(connection.execute(query.encode()))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return list(connection.execute(query))


def schema_of(url: str) -> list[tuple[object, ...]]:
    """Return everything that a database says of its own tables, and how many leads there are."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            return [
                *connection.execute(
                    "SELECT table_name, column_name, data_type, column_default, is_nullable"
                    " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
                ),
                *connection.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"),
                *connection.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"),
                *connection.execute(
                    "SELECT CAST(CAST(conrelid AS regclass) AS text), conname, pg_get_constraintdef(oid)"
                    " FROM pg_constraint WHERE connamespace = CAST('public' AS regnamespace) AND contype <> 'n'"
                    " ORDER BY 1, 2"
                ),
                *connection.execute("SELECT version_num, (SELECT count(*) FROM leads) FROM alembic_version"),
            ]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return [
            *connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"),
            *connection.execute("SELECT version_num, (SELECT count(*) FROM leads) FROM alembic_version"),
        ]
