"""Brings a database's schema up to the program's, forward only, or refuses and leaves it as it was.

The migration library is imported only when a migration is due: it takes longer to import than a pass takes to run.
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.resources import files
from pathlib import Path

from dripline.errors import DatabaseForeign, DatabaseProblem, DatabaseTooNew
from dripline.store.database import Database

_VERSION_TABLE = "alembic_version"

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgresql": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
}

_BEGIN = {
    "sqlite": ("BEGIN IMMEDIATE",),
    # One migration at a time, whatever the number of workers that start at once.
    "postgresql": ("BEGIN", "SELECT pg_advisory_xact_lock(7245102)"),
}


def migrate(database: Database, first_record_id: int) -> None:
    """Make or migrate the schema, in one transaction. Record ids of a new database start at `first_record_id`.

    Raises:
        DatabaseTooNew: It was made by a newer program.
        DatabaseForeign: It holds tables that are not dripline's.
    """
    if version(database) != newest():
        _upgrade(database, first_record_id)


def version(database: Database) -> str | None:
    """Return the schema's version, or None for an empty database.

    Raises:
        DatabaseTooNew: It was made by a newer program.
        DatabaseForeign: It holds tables that are not dripline's.
    """
    tables = {row["name"] for row in database.script(_TABLES[database.dialect.name])}
    if not tables:
        return None
    if _VERSION_TABLE not in tables or "sequence_contacts" not in tables:
        raise DatabaseForeign(f"{database.label} holds tables that are not dripline's: name another database.")
    found = str(database.script(f"SELECT version_num FROM {_VERSION_TABLE}")[0]["version_num"])  # noqa: S608 (a constant)
    if found > newest():
        raise DatabaseTooNew(
            f"{database.label} was made by a newer dripline (schema {found}, this one knows {newest()}): "
            "upgrade with pip install --upgrade dripline."
        )
    return found


@cache
def newest() -> str:
    """Return the version that this program's schema has."""
    names = (Path(entry.name) for entry in (files("dripline.store") / "migrations" / "versions").iterdir())
    return max(name.stem.partition("_")[0] for name in names if name.suffix == ".py")


def _upgrade(database: Database, first_record_id: int) -> None:
    import alembic.command
    import alembic.config
    import sqlalchemy
    import sqlalchemy.exc
    from sqlalchemy.pool import StaticPool

    driver = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}[database.dialect.name]
    config = alembic.config.Config()
    config.set_main_option("script_location", str(files("dripline.store") / "migrations"))
    config.set_main_option("path_separator", "os")
    # The library works on our own connection. It rolls back once when it connects: our transaction begins after that.
    engine = sqlalchemy.create_engine(driver, creator=database.raw, poolclass=StaticPool)
    with engine.connect() as connection, _one_at_a_time(database):
        # Another process may have migrated it while this one waited for its turn.
        if version(database) != newest():
            config.attributes.update(connection=connection, first_record_id=first_record_id)
            try:
                alembic.command.upgrade(config, "head")
            except sqlalchemy.exc.DBAPIError as error:
                raise database.problem(error.orig or error) from error


@contextmanager
def _one_at_a_time(database: Database) -> Generator[None]:
    """Hold the database for one transaction, which the library's own commit ends; undo everything on an error."""
    for statement in _BEGIN[database.dialect.name]:
        database.script(statement)
    try:
        yield
    finally:
        # After the library's commit or rollback there is no transaction, and nothing left to undo.
        with suppress(DatabaseProblem):
            database.script("ROLLBACK")
