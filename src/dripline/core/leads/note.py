"""Notes: what people write down about a lead for whoever asks later. Nothing is sent or stopped by them."""

from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.text import is_text
from dripline.errors import InvalidNote

NOTE_LIMIT = 2_000
"""The longest note, in characters."""

NOTES_LIMIT = 200
"""The most notes of one lead."""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a lead, and when."""

    id: int
    text: str = field(kw_only=True)
    author: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


def checked_note(written: str) -> str:
    """Return what is kept of a note.

    Raises:
        InvalidNote: It is empty, too long, or no text.
    """
    # A browser ends lines with two characters.
    text = written.replace("\r\n", "\n").strip()
    if not text or len(text) > NOTE_LIMIT or not is_text(text):
        raise InvalidNote(f"A note has 1 to {NOTE_LIMIT:,} characters: write a sentence or two.")
    return text
