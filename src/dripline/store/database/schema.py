"""Which schema a database has, which one this program works with, and what lies between the two."""

import ast
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from dripline.core.views.operations import Migration, SchemaChange
from dripline.errors import DatabaseForeign, DatabaseTooNew, DatabaseTooOld, SchemaChanged
from dripline.store.database.database import Database

VERSIONS = files("dripline.store") / "migrations" / "versions"
"""Where the migrations are."""

LOOK_EVERY = timedelta(seconds=1)
"""How often a processor looks at most whether the schema is still its own: a claim of many records costs no look."""

_VERSION_TABLE = "alembic_version"

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgresql": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
}


def version(database: Database) -> str | None:
    """Return the schema's version, or None for an empty database.

    Raises:
        DatabaseTooNew: It was made by a newer program.
        DatabaseForeign: It holds tables that are not dripline's, or a version that no dripline has had.
    """
    tables = {row["name"] for row in database.script(_TABLES[database.dialect.name])}
    if not tables:
        return None
    if _VERSION_TABLE not in tables or "sequence_contacts" not in tables:
        raise DatabaseForeign(f"{database.label} holds tables that are not dripline's: name another database.")
    found = _stored(database)
    if found > newest():
        raise DatabaseTooNew(
            f"{database.label} was made by a newer dripline (schema {found}, this one knows {newest()}): "
            "upgrade with pip install --upgrade dripline."
        )
    if found not in _versions():
        raise DatabaseForeign(
            f"{database.label} has the schema version {found or '(none)'}, which no dripline makes: restore a backup."
        )
    return found


def newest() -> str:
    """Return the version that this program's schema has."""
    return _versions()[-1]


def migration(database: Database, found: str) -> Migration:
    """Return what brings a database from the version that was found to the newest."""
    changes = tuple(change for change in _changes() if change.version > found)
    return Migration(database.label, found=found, newest=newest(), changes=changes)


def too_old(label: str, found: str) -> DatabaseTooOld:
    """Return what is said where a database of an older schema is opened, and nobody asked for a migration."""
    return DatabaseTooOld(
        f"{label} was made by an older dripline (schema {found}, this one works with {newest()}): bring it up to date "
        "with dripline migrate."
    )


class SchemaWatch:
    """Sees that the schema is no longer the one that this program works with."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_at: datetime | None = None

    def check(self, now: datetime) -> None:
        """Refuse to go on where another version of the program has migrated the database; looks once a second at most.

        Raises:
            SchemaChanged: Another program has, or the database was put back as it was before a migration.
        """
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return
        found = str(self._database.run("schema_version")[0]["version"])
        self._looked_at = now
        if found == newest():
            return
        is_newer = found > newest()
        happened = "was migrated by a newer dripline" if is_newer else "was replaced by one of an older dripline"
        remedy = "start the newer dripline" if is_newer else "bring it up to date with dripline migrate"
        raise SchemaChanged(
            f"{self._database.label} {happened} while this one was at work (schema {found}, this one works with "
            f"{newest()}): it has stopped, {remedy}."
        )


def _stored(database: Database) -> str:
    found = database.script(f"SELECT version_num FROM {_VERSION_TABLE}")  # noqa: S608 (a constant)
    return str(found[0]["version_num"]) if found else ""


@cache
def _versions() -> tuple[str, ...]:
    """Return the version that each migration leads to, the oldest first."""
    return tuple(sorted(module.name.partition("_")[0] for module in _modules()))


def _modules() -> Iterator[Traversable]:
    return (entry for entry in VERSIONS.iterdir() if entry.name.endswith(".py"))


def _changes() -> Iterator[SchemaChange]:
    for module in sorted(_modules(), key=lambda module: module.name):
        purpose = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
        yield SchemaChange(module.name.partition("_")[0], purpose.partition("\n")[0])
