"""When a step goes: waits read from text, offsets from enrollment, and backoff after a failure."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Self

from typing_extensions import override

from dripline.errors import InvalidDelay

DELAY_LIMIT = timedelta(days=3660)
"""The longest wait before one step."""

AHEAD = timedelta(minutes=1)
"""How far in the future an instant may be that was written as now: clocks of machines differ by less."""

BACKOFF_FIRST = timedelta(minutes=1)
BACKOFF_FACTOR = 4
BACKOFF_LIMIT = timedelta(hours=6)
FAILURE_LIMIT = 6
"""Failed tries before a record is given up: with the backoff above, the last one starts within some 12 hours."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_CALENDAR = ("d", "w")
_ELAPSED = {unit: size for unit, size in _UNITS.items() if unit not in _CALENDAR}
_WORDS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "wk", "wks", "week", "weeks"),
}
_UNIT_OF = {word: unit for unit, words in _WORDS.items() for word in words}
_PART = re.compile(r"(\d+(?:\.\d{1,4})?)\s*([a-z]+)")
_DELAY = re.compile(rf"{_PART.pattern}(?:(?:\s|,|\band\b)*{_PART.pattern})*")
_TOO_LONG = DELAY_LIMIT // timedelta(seconds=1) + 1
_LONGEST = len(str(DELAY_LIMIT // timedelta(seconds=1)))


def parse_delay(after: timedelta | str) -> timedelta:
    """Read a wait: a timedelta, or text such as ``0s``, ``90m``, ``12h``, ``3d``, ``1w``, ``1d 6h``; whole seconds.

    The units may be words (``90 minutes``, ``1 day and 6 hours``), and hours and less fractions (``0.5h``).

    Raises:
        InvalidDelay: It is negative, longer than ten years, or cannot be read.
    """
    given: object = after
    if isinstance(given, int | float):
        raise InvalidDelay(f"The wait {given} has no unit: write '{given}h' for hours, or m, d or w as you mean it.")
    if isinstance(after, timedelta):
        wait = timedelta(seconds=after // timedelta(seconds=1))
    else:
        written = after.strip().lower()
        if written.startswith("-"):
            raise InvalidDelay(f"The wait {after[:40]!r} is negative: a step can only come after the one before.")
        if written.replace(".", "", 1).isdecimal():
            raise InvalidDelay(f"The wait {after[:40]!r} has no unit: write {written[:40]}h for hours, or m, d or w.")
        # No more than is too long: a timedelta has an end too.
        seconds = sum(number * _UNITS[unit] for number, unit in _parts_of(after))
        wait = int(min(seconds, Decimal(_TOO_LONG))) * timedelta(seconds=1)
    if wait < timedelta(0):
        raise InvalidDelay(f"The wait {after} is negative: a step can only come after the one before.")
    if wait > DELAY_LIMIT:
        raise InvalidDelay(f"The wait {after} is longer than {DELAY_LIMIT.days} days: shorten it.")
    return wait


def _parts_of(written: str) -> list[tuple[Decimal, str]]:
    """Return how many of which units a wait says.

    Raises:
        InvalidDelay: It cannot be read.
    """
    text = written.strip().lower()
    found: list[tuple[str, str]] = _PART.findall(text) if _DELAY.fullmatch(text) else []
    parts = [(Decimal(number), _UNIT_OF.get(word, "")) for number, word in found if len(number) <= _LONGEST]
    # A part of a day is no day of the calendar: nobody could say at which time of the day it ends.
    is_whole = all(number == int(number) for number, unit in parts if unit in _CALENDAR)
    is_known = all(unit for _, unit in parts) and len(parts) == len(found)
    if not parts or not is_whole or not is_known or sum(n * _UNITS[unit] for n, unit in parts) % 1:
        raise InvalidDelay(f"The wait {written[:40]!r} cannot be read: write 0s, 90m, 12h, 3d or 1w.")
    return parts


class Wait(timedelta):
    """A step's wait: so many days of the lead's calendar, which keep the wall clock, and then elapsed time.

    As a timedelta it is what it comes to where no clocks change. `is_written` is False for one that was stored before
    the two were told apart: whole days are taken for days, and it equals either.
    """

    calendar_days: int
    is_written: bool

    def __new__(cls, span: timedelta, *, calendar_days: int = 0, is_written: bool = True) -> Self:
        """Make a wait of a span that holds so many days of the calendar."""
        wait = super().__new__(cls, span.days, span.seconds)
        wait.calendar_days = calendar_days
        wait.is_written = is_written
        return wait

    @property
    def elapsed(self) -> timedelta:
        """What is left of it beside its days."""
        return self - self.calendar_days * timedelta(days=1)

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, Wait) and self.is_written and other.is_written:
            return timedelta.__eq__(self, other) and self.calendar_days == other.calendar_days
        return timedelta.__eq__(self, other)

    @override
    def __ne__(self, other: object) -> bool:
        # A timedelta has one of its own.
        return not self == other

    @override
    def __hash__(self) -> int:
        return timedelta.__hash__(self)

    @override
    def __repr__(self) -> str:
        return f"Wait({format_delay(self)!r})"

    @override
    def __reduce__(self) -> tuple[object, ...]:
        return _made_again, (timedelta(self.days, self.seconds), self.calendar_days, self.is_written)


def _made_again(span: timedelta, calendar_days: int, is_written: bool) -> Wait:  # noqa: FBT001  (as pickle calls it)
    return Wait(span, calendar_days=calendar_days, is_written=is_written)


def parse_wait(after: timedelta | str) -> Wait:
    """Read a step's wait as `parse_delay` does: ``d`` and ``w`` are days of the calendar, all else is elapsed time.

    A timedelta is elapsed time.

    Raises:
        InvalidDelay: It is negative, longer than ten years, or cannot be read.
    """
    if isinstance(after, Wait):
        return after
    span = parse_delay(after)
    parts = [] if isinstance(after, timedelta) else _parts_of(after)
    days = sum(int(number) * _UNITS[unit] for number, unit in parts if unit in _CALENDAR) // _UNITS["d"]
    return Wait(span, calendar_days=days)


def format_delay(wait: timedelta) -> str:
    """Write a wait as `parse_delay` reads it, in the largest unit that is exact; a step's as `parse_wait` reads it."""
    if not isinstance(wait, Wait) or not wait.is_written:
        return _in_largest_unit(wait, _UNITS)
    if not wait.calendar_days:
        return _in_largest_unit(wait, _ELAPSED)
    days = _in_largest_unit(wait.calendar_days * timedelta(days=1), _UNITS)
    return f"{days} {_in_largest_unit(wait.elapsed, _ELAPSED)}" if wait.elapsed else days


def _in_largest_unit(wait: timedelta, units: dict[str, int]) -> str:
    seconds = wait // timedelta(seconds=1)
    unit, size = next((unit, size) for unit, size in reversed(units.items()) if seconds % size == 0)
    return f"{seconds // size}{unit}" if seconds else "0s"


def offsets(waits: Iterable[timedelta]) -> tuple[timedelta, ...]:
    """Return how long after enrollment each step is planned: the running sum of the waits."""
    return tuple(accumulate(waits))


def whole_second(instant: datetime) -> datetime:
    """Round an instant down to its second, so that "now" is never in the future."""
    return instant.replace(microsecond=0)


def backoff(record_id: int, attempt: int, failures: int) -> timedelta:
    """Return how long to wait after the given number of failed tries: exponential with full jitter.

    The jitter is a hash of (record, attempt), hence explainable and the same on every replay. At least one second.
    (Full jitter: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
    """
    ceiling = min(BACKOFF_LIMIT, BACKOFF_FIRST * BACKOFF_FACTOR ** (failures - 1))
    share = hashed_share(record_id, attempt)
    return max(timedelta(seconds=1), timedelta(seconds=round(ceiling.total_seconds() * share)))


def hashed_share(first: int, second: int) -> float:
    """Return a number from 0 to 1 that is a hash of two others: chance that can be explained, and replayed."""
    digest = hashlib.blake2b(f"{first}:{second}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
