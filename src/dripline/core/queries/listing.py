"""Lists a page at a time: what may be asked for, and the cursors by which a page finds the one after it and before it.

A list is sorted by one key, and by ids where keys are equal. A cursor is a position in that order and a
direction. Nothing is counted off, so that a page costs the same wherever it is, and rows that come or go meanwhile
neither repeat others nor hide them.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from zlib import crc32

from dripline.errors import InvalidFilter

PAGE_SIZE = 50
"""How many rows a page has unless it is asked for others."""

PAGE_LIMIT = 200
"""The most rows that a page may have."""

Row_co = TypeVar("Row_co", covariant=True)

Key = datetime | str | int
"""What a list goes by."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row_co]):
    """Some rows of a list, in its order, and the cursors of the pages after and before them; None where there is none.

    It may have fewer rows than were asked for, even none, and a next page all the same, where what is asked for is so
    rare that one look would take long: the next page looks on.
    """

    rows: tuple[Row_co, ...]
    next: str | None = field(default=None, kw_only=True)
    previous: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class SortOrder:
    """The order of a list: the types of its key and of what tells equal keys apart, and whether it goes down."""

    name: str
    key: type[datetime] | type[str] | type[int]
    ties: tuple[type[str] | type[int], ...] = field(kw_only=True)
    goes_down: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a list: at the row of this key; `ties` tell it from others of the same key."""

    key: Key
    ties: tuple[str | int, ...] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins, and whether it goes on from there or back."""

    position: Position
    is_forward: bool = field(kw_only=True)


def page_size(wanted: int) -> int:
    """Return how many rows a page has.

    Raises:
        InvalidFilter: It would have none, or too many.
    """
    if not 1 <= wanted <= PAGE_LIMIT:
        raise InvalidFilter(f"A page has 1 to {PAGE_LIMIT} rows, not {wanted}: ask for as many, and for the next page.")
    return wanted


def written_cursor(order: SortOrder, cursor: Cursor) -> str:
    """Write a cursor as a text that may stand in a URL."""
    key = cursor.position.key
    position = [key.isoformat() if isinstance(key, datetime) else key, *cursor.position.ties]
    body = json.dumps(
        [order.name, int(cursor.is_forward), position], ensure_ascii=False, separators=(",", ":")
    ).encode()
    return urlsafe_b64encode(crc32(body).to_bytes(4, "big") + body).decode().rstrip("=")


def read_cursor(order: SortOrder, text: str) -> Cursor:
    """Read a cursor that was written for the same order.

    Raises:
        InvalidFilter: It is none that was given out, or one of another list or order.
    """
    try:
        raw = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        is_ours = crc32(raw[4:]).to_bytes(4, "big") == raw[:4]
        name, forward, (key, *ties) = json.loads(raw[4:]) if is_ours else ("", 0, [None])
        is_known = is_ours and name == order.name and urlsafe_b64encode(raw).decode().rstrip("=") == text
        position = _position(order, key, ties) if is_known else None
    except (ValueError, TypeError):
        position, forward = None, 0
    if position is None:
        raise InvalidFilter("This cursor is not of this list and order: begin at its first page.")
    return Cursor(position, is_forward=forward == 1)


def _position(order: SortOrder, key: object, ties: Listing[object]) -> Position | None:
    """Return a position whose parts have the types of an order; None for another's."""
    known = tuple(tie for tie, kind in zip(ties, order.ties, strict=True) if type(tie) is kind)
    read = datetime.fromisoformat(key) if order.key is datetime and isinstance(key, str) else key
    if type(read) is not order.key or len(known) != len(ties):
        return None
    return Position(read, ties=known)
