"""Databases as older versions of the program made them."""

import sqlite3
from contextlib import closing
from typing import Any

import alembic.config
import psycopg
import sqlalchemy
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import StaticPool

from dripline.store.database.connect import connect
from dripline.store.database.schema import VERSIONS
from dripline.store.sql_prompt.hands import put_up

OLDER = "0030"
"""A version whose schema lacks columns that the present one has."""

WITH_HANDS = "0029"
"""The first version whose database does something for people at a SQL prompt."""

LEADS = ", ".join(
    f"({number}, '6012345{number:04}', 'Aina', '{{}}', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
    for number in range(1, 4)
)


def made_by_an_older_version(url: str, to: str = OLDER) -> str:
    """Make a database as an older version did, with three leads in it, and return its URL."""
    with closing(connect(url)) as database:
        config = alembic.config.Config()
        config.set_main_option("script_location", str(VERSIONS.joinpath("..")))
        config.set_main_option("path_separator", "os")
        config.attributes.update(first_record_id=2**41)
        driver = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}[database.dialect.name]
        engine = sqlalchemy.create_engine(driver, creator=database.raw, poolclass=StaticPool)
        database.prepare_writing()
        with engine.connect() as connection:
            database.script("BEGIN")
            _upgrade(config, connection, to)
    plant(url, f"INSERT INTO leads (id, phone, name, attributes, created_at, updated_at) VALUES {LEADS}")
    return url


def _upgrade(config: alembic.config.Config, connection: sqlalchemy.Connection, to: str) -> None:
    """Run the migrations up to a version, and then what that version made for people at a SQL prompt."""

    def ask(statement: str) -> list[tuple[object, ...]]:
        found = connection.exec_driver_sql(statement)
        return [tuple(row) for row in found] if found.returns_rows else []

    scripts = ScriptDirectory.from_config(config)

    def changes(found: Any, _context: object) -> Any:  # noqa: ANN401  (alembic's own types)
        return scripts._upgrade_revs(to, found)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as alembic does

    with EnvironmentContext(config, scripts, fn=changes) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        with environment.begin_transaction():
            environment.run_migrations()
            if to >= WITH_HANDS:
                put_up(connection.dialect.name, ask)


def plant(url: str, statement: str) -> None:
    """Change something behind the program's back."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            connection.execute(statement.encode())
    else:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(statement)


def schema_of(url: str) -> list[tuple[object, ...]]:
    """Return everything that a database says of its own tables, and how many leads there are."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            return [
                *connection.execute(
                    "SELECT table_name, column_name, data_type, column_default FROM information_schema.columns"
                    " WHERE table_schema = 'public' ORDER BY 1, 2"
                ),
                *connection.execute("SELECT tgname FROM pg_trigger ORDER BY 1"),
                *connection.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"),
                *connection.execute("SELECT version_num, (SELECT count(*) FROM leads) FROM alembic_version"),
            ]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return [
            *connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"),
            *connection.execute("SELECT version_num, (SELECT count(*) FROM leads) FROM alembic_version"),
        ]
