"""Walking a list: the rows behind a place, forwards or back, from every source that the list is made of.

A page costs what is on it. Where a list also looks for what no index finds, it looks at most `LOOKS` rows far and says
with an early cursor how far it came.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from dripline.core.queries.listing import Cursor, Key, Place, Way, read_cursor, written_cursor
from dripline.store.database.database import Database, Row, instant

LOOKS = 20_000
"""How many rows are looked at for one page, where no index finds what is asked for (15 to 55 ms among 4 million); the
sources that are looked through share them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A statement that finds rows of a list, with what it is asked for. `looks`: some of that is found by no index."""

    statement: str
    asked: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True, hash=False)
    looks: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Walk:
    """A list as it is walked: its way, where its sources are, and from which key before which other it goes."""

    way: Way
    sources: Listing[Source] = field(kw_only=True)
    low: Key = field(kw_only=True)
    high: Key = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Found:
    """The places of the rows of a page, in the list's order, and the cursors of the pages after and before it."""

    places: Listing[Place]
    next: str | None = field(default=None, kw_only=True)
    previous: str | None = field(default=None, kw_only=True)


class Walker:
    """Finds the pages of lists on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, walk: Walk, cursor: str | None, size: int) -> Found:
        """Find a page of at most `size` rows: the first, or the one that a cursor names.

        Raises:
            InvalidFilter: The cursor is not of this list.
        """
        if cursor is None:
            return self._forward(walk, None, size)
        read = read_cursor(walk.way, cursor)
        if read.is_forward:
            return self._forward(walk, read.place, size)
        # Whoever goes back past what was the first row is at the first page.
        return self._back(walk, read.place, size) or self._forward(walk, None, size)

    def any(self, walk: Walk, most: int) -> list[int]:
        """Find the ids of at most so many rows, in no order."""
        found: list[int] = []
        for source in walk.sources:
            asked = {**source.asked, "low": walk.low, "high": walk.high, "page": most - len(found)}
            found += [row["id"] for row in self._database.run(f"{source.statement}.any", **asked)]
        return found

    def _forward(self, walk: Walk, start: Place | None, size: int) -> Found:
        rows, edge = self._behind(walk, start or self._start(walk), size + 1, goes_down=walk.way.goes_down)
        page = rows[:size]
        last = page[-1] if len(rows) > size else edge
        back = None if start is None else page[0] if page else edge or start
        return Found(page, next=_written(walk, last, is_forward=True), previous=_written(walk, back, is_forward=False))

    def _back(self, walk: Walk, start: Place, size: int) -> Found | None:
        rows, edge = self._behind(walk, start, size + 1, goes_down=not walk.way.goes_down)
        page = rows[:size]
        first = page[-1] if len(rows) > size else edge
        if not page and first is None:
            return None
        ahead = page[0] if page else first
        return Found(
            page[::-1],
            next=_written(walk, ahead, is_forward=True),
            previous=_written(walk, first, is_forward=False),
        )

    def _start(self, walk: Walk) -> Place:
        """Return the place before the first row."""
        return _before(walk.way, walk.high if walk.way.goes_down else walk.low)

    def _behind(self, walk: Walk, place: Place, many: int, *, goes_down: bool) -> tuple[list[Place], Place | None]:
        """Return the first rows behind a place, and the place up to which was looked, if that is not the end."""
        direction = "down" if goes_down else "up"
        edge = self._edge(walk, place, direction)
        if edge is not None:
            walk = replace(walk, low=edge.key) if goes_down else replace(walk, high=edge.key)
        rows = list(islice(self._rows(walk, place, direction, many), many))
        return rows, None if len(rows) == many else edge

    def _rows(self, walk: Walk, place: Place, direction: str, many: int) -> Iterator[Place]:
        """Yield the rows of the same key as a place, then those of the keys behind it."""
        if direction == "up" or place != _before(walk.way, place.key):
            yield from self._sorted(walk, place, f"{direction}_ties", many)
        yield from self._sorted(walk, place, direction, many)

    def _sorted(self, walk: Walk, place: Place, variant: str, many: int) -> list[Place]:
        """Return what every source finds, put together in the list's order."""
        places = [
            _place(walk.way, row)
            for source in walk.sources
            for row in self._database.run(f"{source.statement}.{variant}", **_asked(walk, source, place), page=many)
        ]
        return sorted(places, key=_order, reverse=variant.startswith("down"))

    def _edge(self, walk: Walk, place: Place, direction: str) -> Place | None:
        """Return the place that is as far behind another as is looked at once; None where the list ends before it."""
        looking = [source for source in walk.sources if source.looks]
        edges = [
            _place(walk.way, row)
            for source in looking
            for row in self._database.run(
                f"{source.statement}.{direction}_edge",
                **_asked(walk, source, place),
                most=LOOKS // len(looking),
                page=1,
            )
        ]
        if not edges:
            return None
        nearest = max(edges, key=_order) if direction == "down" else min(edges, key=_order)
        # Where so many have one key that it does not move on, they are looked at together.
        if nearest.key == place.key:
            return None
        return _before(walk.way, nearest.key)


def _asked(walk: Walk, source: Source, place: Place) -> dict[str, object]:
    ties = dict(zip(("tie", "second_tie"), place.ties, strict=False))
    return {**source.asked, "key": place.key, "low": walk.low, "high": walk.high, **ties}


def _place(way: Way, row: Row) -> Place:
    key: Key = instant(row["key"]) if way.key is datetime else row["key"]
    return Place(key, ties=(row["id"],) if len(way.ties) == 1 else (row["id"], row["number"]))


def _before(way: Way, key: Key) -> Place:
    """Return the place before every row of a key: where one looks up all of them come, where one looks down none."""
    return Place(key, ties=tuple(kind() for kind in way.ties))


def _order(place: Place) -> tuple[object, ...]:
    """Return what rows are compared by. Texts as bytes, as the databases do."""
    return tuple(part.encode() if isinstance(part, str) else part for part in (place.key, *place.ties))


def _written(walk: Walk, place: Place | None, *, is_forward: bool) -> str | None:
    return None if place is None else written_cursor(walk.way, Cursor(place, is_forward=is_forward))
