"""When local hours are open in a zone: exact around every change of clocks, and quick enough for a million questions.

Hours are open at an instant if the wall clock of the zone stands inside them. So an hour that a change of clocks skips
is never waited for, and one that comes twice counts twice. The open spans of a UTC day are worked out once and kept;
each question is then a search in a short tuple.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from typing_extensions import override

from dripline.core.time.clocks import DAY, Stretch, midnight, stretches
from dripline.errors import InvalidWindow

EVERY_DAY = frozenset(range(7))
"""The weekdays, 0 is Monday."""

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When hours close that are always open."""

DAYS_LIMIT = 16_384
"""How many days of open spans are kept: nine windows in five zones for a year. Some 300 bytes each."""

_LONGEST_WEEKLY = 22
"""Days within which hours that are closed at some time of the week do close, were a change to skip that time twice."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day, on some weekdays (0 is Monday): open from `opens` until just before `closes`.

    Hours that close no later than they open run over midnight, and belong to the day on which they open.

    Raises:
        InvalidWindow: They open on no weekday.
    """

    opens: time
    closes: time
    weekdays: frozenset[int] = field(default=EVERY_DAY, kw_only=True)

    def __post_init__(self) -> None:
        if not self.weekdays:
            raise InvalidWindow("The window opens on no weekday: give it at least one.")
        assert self.weekdays <= EVERY_DAY


@dataclass(frozen=True, slots=True)
class Openings:
    """Local hours and the dates on which they are closed, to be asked about instants in any zone.

    Nothing is open on a closed date, and hours that would have opened on one stay closed after its midnight too.
    The questions take the name of a known zone, and answer in UTC.
    """

    hours: tuple[Hours, ...]
    closed: frozenset[date] = frozenset()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        assert self.hours
        # It is the key of every question: hashed once, since hashing the hours takes longer than answering.
        object.__setattr__(self, "_hash", hash((self.hours, self.closed)))

    @override
    def __hash__(self) -> int:
        return self._hash

    def is_open(self, instant: datetime, zone: str) -> bool:
        """Return whether the hours are open at an instant."""
        at = instant.astimezone(UTC)
        return bisect_right(_edges(self, zone, at.toordinal()), at) % 2 == 1

    def next_open(self, instant: datetime, zone: str) -> datetime:
        """Return the first instant from `instant` on at which the hours are open."""
        at = instant.astimezone(UTC)
        day = at.toordinal()
        edges = _edges(self, zone, day)
        place = bisect_right(edges, at)
        if place % 2:
            return at
        return edges[place] if place < len(edges) else _first_opening(self, zone, day + 1)

    def closes_at(self, instant: datetime, zone: str) -> datetime:
        """Return the first instant after an open one at which the hours are closed, or `NEVER`."""
        at = instant.astimezone(UTC)
        day = at.toordinal()
        edges = _edges(self, zone, day)
        place = bisect_right(edges, at)
        assert place % 2, "only an open instant has a closing"
        return edges[place] if edges[place] < midnight(day + 1) else _first_closing(self, zone, day + 1)

    def wall_spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield from when until when the hours that open on a date are open, by the wall clock."""
        if day in self.closed:
            return
        tomorrow = datetime.combine(day, time()) + DAY
        for hours in self.hours:
            if day.weekday() in hours.weekdays:
                closes = datetime.combine(day, hours.closes)
                if hours.closes <= hours.opens:
                    closes = tomorrow if tomorrow.date() in self.closed else closes + DAY
                yield datetime.combine(day, hours.opens), closes


@lru_cache(maxsize=DAYS_LIMIT)
def _edges(openings: Openings, zone: str, day: int) -> tuple[datetime, ...]:
    """Return when the hours open, close, open … within a UTC day; hours open over its ends are cut there."""
    spans = sorted(span for stretch in stretches(zone, day) for span in _spans(openings, stretch))
    edges: list[datetime] = []
    for opens, closes in spans:
        if edges and opens <= edges[-1]:
            edges[-1] = max(edges[-1], closes)
        else:
            edges += opens, closes
    return tuple(edges)


def _spans(openings: Openings, stretch: Stretch) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when until when hours are open within a stretch, in UTC."""
    day = (stretch.begins + stretch.offset).date() - DAY
    while day <= (stretch.ends + stretch.offset).date():
        for wall_opens, wall_closes in openings.wall_spans(day):
            opens = max(stretch.begins, _utc(wall_opens, stretch.offset))
            closes = min(stretch.ends, _utc(wall_closes, stretch.offset))
            if opens < closes:
                yield opens, closes
        day += DAY


def _utc(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)


@lru_cache(maxsize=DAYS_LIMIT)
def _first_opening(openings: Openings, zone: str, day: int) -> datetime:
    """Return the first open instant from the beginning of a UTC day. It comes, since closed dates come to an end."""
    while not (edges := _edges(openings, zone, day)):
        day += 1
    return edges[0]


@lru_cache(maxsize=DAYS_LIMIT)
def _first_closing(openings: Openings, zone: str, day: int) -> datetime:
    """Return the first closed instant from the beginning of a UTC day that follows an open one, or `NEVER`."""
    for today in _days_that_may_close(openings, day):
        edges = _edges(openings, zone, today)
        if not edges or edges[0] > midnight(today):
            return midnight(today)
        if edges[1] < midnight(today + 1):
            return edges[1]
    return NEVER


def _days_that_may_close(openings: Openings, day: int) -> Iterator[int]:
    """Yield the UTC days on which hours may close: some weeks, and if they never did, those about each closed date."""
    yield from range(day, day + _LONGEST_WEEKLY)
    for closed in sorted(openings.closed):
        around = closed.toordinal()
        yield from range(max(day + _LONGEST_WEEKLY, around - 1), around + 2)
