"""Sequences that are being written, as whoever writes them left them."""

from dataclasses import dataclass, field
from datetime import datetime

from dripline.store.database.database import Database, Row, instant


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft, known by the name of its sequence: `text` is what the editor holds, and who left it so, and when."""

    name: str
    text: str = field(kw_only=True)
    changed_at: datetime = field(kw_only=True)
    changed_by: str = field(kw_only=True)


class Drafts:
    """Keeps drafts, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[SavedDraft]:
        """Return every draft, by name."""
        return [_draft(row) for row in self._database.run("drafts")]

    def find(self, name: str) -> SavedDraft | None:
        """Return a draft; None if there is none of that name."""
        return next(map(_draft, self._database.run("draft_of_name", name=name)), None)

    def save(self, name: str, text: str, who: str, now: datetime) -> None:
        """Keep a draft under its name, instead of the one before."""
        with self._database.transaction():
            self._database.change("save_draft", name=name, text=text, who=who, now=now)

    def drop(self, name: str) -> bool:
        """Let a draft go. False if there is none."""
        with self._database.transaction():
            return bool(self._database.change("drop_draft", name=name))


def _draft(row: Row) -> SavedDraft:
    return SavedDraft(
        row["name"], text=row["text"], changed_at=instant(row["changed_at"]), changed_by=row["changed_by"]
    )
