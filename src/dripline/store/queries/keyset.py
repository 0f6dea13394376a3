"""Keyset pagination over several index scans, forwards and backwards.

A page costs what is on it. Where a list also looks for what no index finds, it looks at most `SCAN_LIMIT` rows far and
says with an early cursor how far it came.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from dripline.core.queries.listing import Cursor, Key, Position, SortOrder, read_cursor, written_cursor
from dripline.store.database.database import Database, Row, instant

SCAN_LIMIT = 20_000
"""How many rows are looked at for one page, where no index finds what is asked for (15 to 55 ms among 4 million); the
sources that are looked through share them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A statement that finds rows of a list, with what it is asked for. `unindexed`: no index finds some of that."""

    statement: str
    asked: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True, hash=False)
    unindexed: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class KeysetQuery:
    """A list that is read a page at a time: its order, its sources, and from which key before which other it goes."""

    order: SortOrder
    sources: Listing[Source] = field(kw_only=True)
    low: Key = field(kw_only=True)
    high: Key = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class PageKeys:
    """The positions of the rows of a page, in the list's order, and the cursors of the pages after and before it."""

    positions: Listing[Position]
    next: str | None = field(default=None, kw_only=True)
    previous: str | None = field(default=None, kw_only=True)


class Keyset:
    """Finds the pages of lists on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, query: KeysetQuery, cursor: str | None, size: int) -> PageKeys:
        """Find a page of at most `size` rows: the first, or the one that a cursor names.

        Raises:
            InvalidFilter: The cursor is not of this list.
        """
        if cursor is None:
            return self._forward(query, None, size)
        read = read_cursor(query.order, cursor)
        if read.is_forward:
            return self._forward(query, read.position, size)
        # Whoever goes back past what was the first row is at the first page.
        return self._back(query, read.position, size) or self._forward(query, None, size)

    def any(self, query: KeysetQuery, limit: int) -> list[int]:
        """Find the ids of at most so many rows, in no order."""
        found: list[int] = []
        for source in query.sources:
            asked = {**source.asked, "low": query.low, "high": query.high, "page": limit - len(found)}
            found += [row["id"] for row in self._database.run(f"{source.statement}.any", **asked)]
        return found

    def _forward(self, query: KeysetQuery, start: Position | None, size: int) -> PageKeys:
        rows, edge = self._behind(query, start or self._start(query), size + 1, goes_down=query.order.goes_down)
        page = rows[:size]
        last = page[-1] if len(rows) > size else edge
        back = None if start is None else page[0] if page else edge or start
        return PageKeys(
            page, next=_written(query, last, is_forward=True), previous=_written(query, back, is_forward=False)
        )

    def _back(self, query: KeysetQuery, start: Position, size: int) -> PageKeys | None:
        rows, edge = self._behind(query, start, size + 1, goes_down=not query.order.goes_down)
        page = rows[:size]
        first = page[-1] if len(rows) > size else edge
        if not page and first is None:
            return None
        ahead = page[0] if page else first
        return PageKeys(
            page[::-1],
            next=_written(query, ahead, is_forward=True),
            previous=_written(query, first, is_forward=False),
        )

    def _start(self, query: KeysetQuery) -> Position:
        """Return the position before the first row."""
        return _before(query.order, query.high if query.order.goes_down else query.low)

    def _behind(
        self, query: KeysetQuery, position: Position, size: int, *, goes_down: bool
    ) -> tuple[list[Position], Position | None]:
        """Return the first rows behind a position, and the one up to which was looked, if that is not the end."""
        direction = "down" if goes_down else "up"
        edge = self._edge(query, position, direction)
        if edge is not None:
            query = replace(query, low=edge.key) if goes_down else replace(query, high=edge.key)
        rows = list(islice(self._rows(query, position, direction, size), size))
        return rows, None if len(rows) == size else edge

    def _rows(self, query: KeysetQuery, position: Position, direction: str, size: int) -> Iterator[Position]:
        """Yield the rows of the same key as a position, then those of the keys behind it."""
        if direction == "up" or position != _before(query.order, position.key):
            yield from self._sorted(query, position, f"{direction}_ties", size)
        yield from self._sorted(query, position, direction, size)

    def _sorted(self, query: KeysetQuery, position: Position, variant: str, size: int) -> list[Position]:
        """Return what every source finds, put together in the list's order."""
        positions = [
            _position(query.order, row)
            for source in query.sources
            for row in self._database.run(f"{source.statement}.{variant}", **_asked(query, source, position), page=size)
        ]
        return sorted(positions, key=_order, reverse=variant.startswith("down"))

    def _edge(self, query: KeysetQuery, position: Position, direction: str) -> Position | None:
        """Return the position that is as far behind another as one page scans; None where the list ends before it."""
        looking = [source for source in query.sources if source.unindexed]
        edges = [
            _position(query.order, row)
            for source in looking
            for row in self._database.run(
                f"{source.statement}.{direction}_edge",
                **_asked(query, source, position),
                most=SCAN_LIMIT // len(looking),
                page=1,
            )
        ]
        if not edges:
            return None
        nearest = max(edges, key=_order) if direction == "down" else min(edges, key=_order)
        # Where so many have one key that it does not move on, they are looked at together.
        if nearest.key == position.key:
            return None
        return _before(query.order, nearest.key)


def _asked(query: KeysetQuery, source: Source, position: Position) -> dict[str, object]:
    ties = dict(zip(("tie", "second_tie"), position.ties, strict=False))
    return {**source.asked, "key": position.key, "low": query.low, "high": query.high, **ties}


def _position(order: SortOrder, row: Row) -> Position:
    key: Key = instant(row["key"]) if order.key is datetime else row["key"]
    return Position(key, ties=(row["id"],) if len(order.ties) == 1 else (row["id"], row["number"]))


def _before(order: SortOrder, key: Key) -> Position:
    """Return the position before every row of a key: where one looks up all of them come, where one looks down none."""
    return Position(key, ties=tuple(kind() for kind in order.ties))


def _order(position: Position) -> tuple[object, ...]:
    """Return what rows are compared by. Texts as bytes, as the databases do."""
    return tuple(part.encode() if isinstance(part, str) else part for part in (position.key, *position.ties))


def _written(query: KeysetQuery, position: Position | None, *, is_forward: bool) -> str | None:
    return None if position is None else written_cursor(query.order, Cursor(position, is_forward=is_forward))
