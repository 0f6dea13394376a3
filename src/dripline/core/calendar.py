"""Local hours: when a window of the day is open in a zone, safe where clocks change.

A window is open at an instant if the wall clock of its zone stands inside it. So an hour that a change of clocks
skips is never waited for, and one that comes twice counts twice.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dripline.errors import InvalidWindow

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_HOUR = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?")
_EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the day in a zone, on some weekdays (0 is Monday): open from `opens` until just before `closes`.

    A window that closes no later than it opens runs over midnight, and belongs to the day on which it opens.

    Raises:
        InvalidWindow: There is no such zone, or the window never opens.
    """

    opens: time
    closes: time
    zone: str = field(kw_only=True)
    weekdays: frozenset[int] = field(default=_EVERY_DAY, kw_only=True)

    def __post_init__(self) -> None:
        check_zone(self.zone)
        if not self.weekdays:
            raise InvalidWindow("The window opens on no weekday: give it at least one.")

    def is_open(self, instant: datetime) -> bool:
        """Return whether the window is open at an instant."""
        local = instant.astimezone(ZoneInfo(self.zone))
        at, today = local.time(), local.weekday()
        if self.opens < self.closes:
            return self.opens <= at < self.closes and today in self.weekdays
        return (at >= self.opens and today in self.weekdays) or (at < self.closes and (today - 1) % 7 in self.weekdays)

    def next_open(self, instant: datetime) -> datetime:
        """Return the first instant from `instant` on at which the window is open, in UTC."""
        if self.is_open(instant):
            return instant
        zone = ZoneInfo(self.zone)
        first = instant.astimezone(zone).date() - _DAY
        # A week and a day on either side: the rarest window opens once a week.
        openings = sorted(at for n in range(10) for at in self._changes(first + n * _DAY, zone))
        return next(at for at in openings if at >= instant and self.is_open(at))

    def _changes(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the instants of a local day at which the window may open: its hour, and a change of clocks."""
        for fold in (0, 1):
            yield datetime.combine(day, self.opens, zone).replace(fold=fold).astimezone(UTC)
        yield from changes_of_clocks(day, zone)


def changes_of_clocks(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants of a local day at which the zone's clocks change."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    before, after = start, start + _DAY + timedelta(hours=3)
    if before.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
        return
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == start.astimezone(zone).utcoffset():
            before = middle
        else:
            after = middle
    yield after


def check_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises:
        InvalidWindow: There is none of that name.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidWindow(f"There is no time zone {name[:60]!r}: write one such as Asia/Kuala_Lumpur.") from None
    return name


def parse_time(written: str) -> time:
    """Read an hour of the day: ``9``, ``09:30`` or ``24:00``, which is midnight.

    Raises:
        InvalidWindow: It is none.
    """
    match = _HOUR.fullmatch(written.strip())
    if match is not None:
        hour, minute = int(match[1]), int(match[2] or 0)
        if (hour, minute) == (24, 0):
            return time()
        with suppress(ValueError):
            return time(hour, minute)
    raise InvalidWindow(f"The hour {written[:40]!r} cannot be read: write one such as 09:00.")


def parse_hours(written: str) -> tuple[time, time]:
    """Read hours of the day: ``21:00-08:00``.

    Raises:
        InvalidWindow: They cannot be read, or are no hours at all.
    """
    start, dash, end = written.replace("–", "-").partition("-")
    if not dash:
        raise InvalidWindow(f"The hours {written[:40]!r} cannot be read: write them as 09:00-20:00.")
    hours = parse_time(start), parse_time(end)
    if hours[0] == hours[1]:
        raise InvalidWindow(f"The hours {written[:40]!r} begin where they end: write two that differ.")
    return hours
