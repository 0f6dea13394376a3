"""Reads what ended long ago as it is written to files: rows by table, a batch at a time. It never writes."""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.views.archive import ARCHIVED, Cell
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import keys

PAGE = 1_000
"""How many entries of a log are read at a time."""

Rows = Mapping[str, Listing[Mapping[str, Cell]]]
"""Rows by the name of their table."""

_OF_RECORDS = {"attempts": "archived_attempts", "moves": "archived_moves", "settlements": "archived_settlements"}
_LOGS = {
    "audit_log": "archived_deeds",
    "sender_events": "archived_sender_events",
    "messages_in": "archived_messages_in",
}


class Archive:
    """What ended long ago, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, enrollments: Listing[int]) -> Rows:
        """Return all that is stored of enrollments, as of one instant."""
        with self._database.snapshot():
            who = keys(enrollments)
            found = {
                "enrollments": self._database.run("archived_enrollments", enrollments=who),
                "records": self._database.run("archived_records", enrollments=who),
            }
            records = keys(row["record"] for row in found["records"])
            found |= {table: self._database.run(name, records=records) for table, name in _OF_RECORDS.items()}
        return {table: [_cells(table, row) for row in rows] for table, rows in found.items()}

    def entries(self, before: datetime) -> Iterator[Rows]:
        """Yield the logs' entries of before an instant, a page at a time."""
        for table, statement in _LOGS.items():
            after = 0
            while page := self._database.run(statement, before=before, after=after, page=PAGE):
                after = page[-1]["entry"]
                yield {table: [_cells(table, row) for row in page]}


def _cells(table: str, row: Row) -> Mapping[str, Cell]:
    return {
        name: instant(row[name]) if kind is datetime and row[name] is not None else row[name]
        for name, kind in ARCHIVED[table].items()
    }
