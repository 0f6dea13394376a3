"""Hours of the day as people write them, and the window in which a sender may send."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time

from dripline.core.time.lead_zone import known_zone
from dripline.core.time.opening_hours import EVERY_DAY, Hours, Openings
from dripline.errors import InvalidWindow

_HOUR = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?")


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
    weekdays: frozenset[int] = field(default=EVERY_DAY, kw_only=True)
    _openings: Openings = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known_zone(self.zone)
        openings = Openings((Hours(self.opens, self.closes, weekdays=self.weekdays),))
        object.__setattr__(self, "_openings", openings)

    def is_open(self, instant: datetime) -> bool:
        """Return whether the window is open at an instant."""
        return self._openings.is_open(instant, self.zone)

    def next_open(self, instant: datetime) -> datetime:
        """Return the first instant from `instant` on at which the window is open, in UTC."""
        return self._openings.next_open(instant, self.zone)


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
