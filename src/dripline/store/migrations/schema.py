"""Which schema a database has, which one this program works with, and what lies between the two.

A version is the number of a migration behind ``1.``. Databases from before 1.0 have numbers alone: whichever program
compares two versions as texts, of whatever age it is itself, knows which one is newer.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from dripline.core.views.schema import Migration, SchemaChange
from dripline.errors import DatabaseForeign, DatabaseTooNew, DatabaseTooOld, SchemaChanged
from dripline.store.database.database import Database
from dripline.store.migrations.files import changes_before_1_0, numbered_changes

LOOK_EVERY = timedelta(seconds=1)
"""How often a processor looks at most whether the schema is still its own: a claim of many records costs no look."""

OLDEST = "0023"
"""The oldest version from before 1.0 that is taken over."""

_VERSION_TABLE = "alembic_version"

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgresql": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
}


def version(database: Database) -> str | None:
    """Return the schema's version, or None for an empty database.

    Raises:
        DatabaseTooNew: It was made by a newer program.
        DatabaseTooOld: It was made so long before 1.0 that it is not taken over.
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
    if _is_before(found, OLDEST):
        raise DatabaseTooOld(
            f"{database.label} was made by a dripline from before 1.0 (schema {found}), of which only schema "
            f"{OLDEST} and later are taken over: bring it up to date with the last dripline before 1.0 first."
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
    changes = tuple(change for change in _changes(found) if change.version > found)
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


def _is_before(found: str, oldest: str) -> bool:
    """Return whether a version is one from before the oldest that is taken over."""
    return len(found) == len(oldest) and found.isdecimal() and "0001" <= found < oldest


@cache
def _versions() -> tuple[str, ...]:
    """Return the versions that a database may have, the oldest first."""
    return (OLDEST, *(change.version for change in (*changes_before_1_0(), *numbered_changes())))


def _changes(found: str) -> Iterator[SchemaChange]:
    """Yield what lies behind a version; a new database, which has none yet, begins with the schema of 1.0."""
    if found:
        yield from changes_before_1_0()
    yield from numbered_changes()
