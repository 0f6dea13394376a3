"""Sources of leads, on one database. What each proves itself by comes in as a hash only."""

import json
from datetime import datetime

from dripline.core.leads.source import SOURCES_LIMIT, LeadSource
from dripline.errors import InvalidSource
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import Store


class LeadSources:
    """Everything that is known of sources."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def add(self, source: LeadSource, key_hash: str) -> LeadSource:
        """Add a source.

        Raises:
            InvalidSource: There is one of that name, or there are as many as there may be.
        """
        with self._store.transaction():
            if len(self._database.run("lead_sources")) >= SOURCES_LIMIT:
                raise InvalidSource(f"There are {SOURCES_LIMIT} sources of leads already: drop one first.")
            added = self._database.run(
                "insert_lead_source",
                source_id=source.id,
                name=source.name,
                key_hash=key_hash,
                triggers=json.dumps(source.triggers),
                names_triggers=int(source.names_triggers),
                attributes=json.dumps(source.attributes),
                return_url=source.return_url,
                now=source.created_at,
            )
            if not added:
                raise InvalidSource(f"There is a source {source.name} already: drop it first, or choose another name.")
            return _source(added[0])

    def all(self) -> list[LeadSource]:
        """Return every source, by name."""
        return [_source(row) for row in self._database.run("lead_sources")]

    def find(self, name: str) -> tuple[LeadSource, str] | None:
        """Return the source of a name, and the hash of its key."""
        rows = self._database.run("lead_source", name=name.replace("\x00", ""))
        return next(((_source(row), row["key_hash"]) for row in rows), None)

    def count(self, source_id: int, now: datetime) -> None:
        """Count what a source posted."""
        with self._store.transaction():
            self._database.change("count_lead_source", source_id=source_id, now=now)

    def drop(self, name: str) -> bool:
        """Delete a source; False if there is none of that name."""
        with self._store.transaction():
            return bool(self._database.change("delete_lead_source", name=name.replace("\x00", "")))


def _source(row: Row) -> LeadSource:
    return LeadSource(
        row["id"],
        name=row["name"],
        triggers=tuple(json.loads(row["triggers"])),
        names_triggers=bool(row["names_triggers"]),
        attributes=tuple(json.loads(row["attributes"])),
        return_url=row["return_url"],
        created_at=instant(row["created_at"]),
        used_at=instant_or_none(row["used_at"]),
        taken=row["taken"],
    )
