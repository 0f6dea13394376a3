"""The clocks of a zone: when they change, and the stretches between the changes in which they run evenly.

Between two changes the wall clock is UTC plus a constant. Whoever works stretch by stretch never asks about an hour
that is skipped or comes twice, so there is no fold to get wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dripline.errors import InvalidWindow

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

_SAMPLE = 3 * DAY
"""No zone has ever changed its clocks twice within 95 hours (tzdata 2026f), so samples this far apart miss none."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time from `begins` until just before `ends`, both UTC, in which a zone's wall clock is UTC plus `offset`."""

    begins: datetime
    ends: datetime
    offset: timedelta


@lru_cache(maxsize=1024)
def clocks_of(zone: str) -> ZoneInfo:
    """Return the clocks of a zone.

    Raises:
        InvalidWindow: There is none of that name.
    """
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidWindow(f"There is no time zone {zone[:60]!r}: write one such as Asia/Kuala_Lumpur.") from None


def midnight(day: int) -> datetime:
    """Return the instant at which a UTC day begins, the day counted as `date.toordinal` counts."""
    return datetime.combine(date.fromordinal(day), time(), UTC)


def stretches(zone: str, day: int) -> Iterator[Stretch]:
    """Yield the stretches of a UTC day in a zone, in order: one, or two where the clocks change within it."""
    clocks, begins, ends = clocks_of(zone), midnight(day), midnight(day + 1)
    inner = (at for at in changes_of_clocks(begins, ends, clocks) if at > begins)
    for start, end in pairwise((begins, *inner, ends)):
        yield Stretch(start, end, offset_at(start, clocks))


def changes_of_clocks(first: datetime, last: datetime, clocks: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants at which the offset of clocks changes, in order, from `first` until just before `last`."""
    before = first - SECOND
    while before < last - SECOND:
        after = min(before + _SAMPLE, last - SECOND)
        if offset_at(before, clocks) != offset_at(after, clocks):
            yield _change(before, after, clocks)
        before = after


def offset_at(instant: datetime, clocks: ZoneInfo) -> timedelta:
    """Return by how much the wall clock is ahead of UTC."""
    offset = instant.astimezone(clocks).utcoffset()
    assert offset is not None
    return offset


def _change(before: datetime, after: datetime, clocks: ZoneInfo) -> datetime:
    """Return the first second of the new offset, which holds at `after` and not at `before`."""
    old = offset_at(before, clocks)
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        if offset_at(middle, clocks) == old:
            before = middle
        else:
            after = middle
    return after
