"""Waits by a lead's wall clock: a day after 09:40 is 09:40 the next day, also where clocks change between. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from dripline.core.time.clocks import SECOND, changes_of_clocks, clocks_of, offset_at
from dripline.core.time.schedule import Wait

_DAY = timedelta(days=1)


def times_after(start: datetime, waits: Iterable[Wait], zone: str) -> list[datetime]:
    """Return when each step comes whose waits follow each other from an instant on, by the clocks of a zone.

    The wall clock goes on by days even where it shows an hour that is skipped, so that later days are not shifted.
    """
    at, wall = start, start + offset_at(start, clocks_of(zone))
    times: list[datetime] = []
    for wait in waits:
        if wait.calendar_days:
            wall += wait.calendar_days * _DAY
            at = _instant_of(wall, zone)
        if wait.elapsed:
            at += wait.elapsed
            wall = at + offset_at(at, clocks_of(zone))
        times.append(at)
    return times


def shifts(start: datetime, waits: tuple[Wait, ...], zone: str) -> tuple[timedelta, ...]:
    """Return by how much each step comes later than its waits come to where no clocks change."""
    if not any(wait.calendar_days for wait in waits) or not _changes(zone, start, sum(waits, timedelta(0))):
        return (timedelta(0),) * len(waits)
    plain = start
    found: list[timedelta] = []
    for wait, at in zip(waits, times_after(start, waits, zone), strict=True):
        plain += wait
        found.append(at - plain)
    return tuple(found)


@lru_cache(maxsize=4_096)
def _changes(zone: str, start: datetime, span: timedelta) -> bool:
    return next(changes_of_clocks(start, start + span + 2 * _DAY, clocks_of(zone)), None) is not None


def _instant_of(wall: datetime, zone: str) -> datetime:
    """Return the instant at which a wall clock shows a time: the first of two, the next that there is where none is.

    Both are aware; `wall` is what the clock shows, as if it were UTC.
    """
    clocks = clocks_of(zone)
    # Before and after any change that is near: a clock that was ahead shows a time sooner.
    offsets = {offset_at(wall - _DAY, clocks), offset_at(wall + _DAY, clocks)}
    shown = [at for offset in offsets if (at := wall - offset) + offset_at(at, clocks) == wall]
    if shown:
        return min(shown)
    return next(changes_of_clocks(wall - _DAY - 2 * SECOND, wall + _DAY, clocks))
