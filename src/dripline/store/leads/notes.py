"""What people wrote down about leads, on one database."""

from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.leads.note import NOTES_LIMIT, Note
from dripline.errors import InvalidNote
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import Store, keys


class Notes:
    """Everything that is written down about leads."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def add(self, leads: Listing[int], text: str, author: str, now: datetime) -> int:
        """Write a note down for each of some leads that are still there, which are locked; returns how many.

        Raises:
            InvalidNote: One has as many notes as it may have.
        """
        with self._store.transaction():
            if self._database.dialect.locks:
                self._database.run("hold_leads", leads=keys(leads))
            if any(row["many"] >= NOTES_LIMIT for row in self._database.run("count_notes", leads=keys(leads))):
                raise InvalidNote(f"This lead has {NOTES_LIMIT} notes already: delete one first.")
            return self._database.change("insert_notes", leads=keys(leads), text=text, author=author, now=now)

    def drop(self, note_id: int) -> bool:
        """Delete a note; False if there is none of that id."""
        with self._store.transaction():
            return bool(self._database.change("delete_note", note_id=note_id))


def note_of(row: Row) -> Note:
    """Read a note."""
    return Note(row["id"], text=row["text"], author=row["author"], at=instant(row["at"]))
