"""What counts as text: everything a database and a provider can take."""

import unicodedata
from datetime import timedelta

_INVISIBLE = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Characters that are shown as nothing, although Unicode calls them letters, marks or symbols."""


def is_text(value: str) -> bool:
    """Return whether `value` holds no NUL character and no half of a surrogate pair."""
    if value.isascii():
        return "\x00" not in value
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def is_blank(value: str) -> bool:
    """Return whether nothing of `value` can be seen: white space, zero-width and control characters alone.

    What is no text at all is not blank: it is refused, and not passed over.
    """
    seen = value.strip()
    # What begins with a character that anybody can see is by far the commonest.
    if not seen or "!" <= seen[0] <= "~":
        return not seen
    return is_text(value) and all(map(_is_unseen, value))


def _is_unseen(character: str) -> bool:
    return (
        character.isspace()
        or character in _INVISIBLE
        or "\ufe00" <= character <= "\ufe0f"
        or unicodedata.category(character) in {"Cc", "Cf"}
    )


def as_text(value: object, limit: int) -> str:
    """Return what somebody else's program answered as text that can be stored, cut at `limit` characters."""
    text = str(value).replace("\x00", "")
    return (text if text.isascii() else text.encode("utf-8", "replace").decode())[:limit]


_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def span_text(span: timedelta) -> str:
    """Write a span of time in its largest whole unit: ``3 d``, ``12 h``, ``5 min``, ``40 s``."""
    seconds = int(span.total_seconds())
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds >= size), f"{seconds} s")


def start_now(leads: int) -> str:
    """Write how many leads start now: ``1 lead starts now``, ``4 leads start now``."""
    return f"{counted(leads, 'lead')} {'starts' if leads == 1 else 'start'} now"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Write how many there are of something: ``1 lead``, ``1,200 leads``, ``2 people``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
