"""Send windows: the local hours in which a step may reach a lead, without a zone, since each lead brings its own.

Read from what people write, ``Mon-Sat 09:00-20:00`` and ``2026-02-17..2026-02-18``, and written back the same way.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NotRequired, TypedDict

from typing_extensions import override

from dripline.core.time.calendar import parse_hours, parse_time
from dripline.core.time.clocks import DAY, SECOND
from dripline.core.time.opening_hours import EVERY_DAY, Hours, Openings
from dripline.errors import InvalidWindow

HOURS_LIMIT = 50
"""The most hours of one window."""

HOLIDAY_LIMIT = 400
"""The most days of holidays of one window."""

HOLIDAY_YEARS = range(2000, 2100)
"""The years in which holidays may lie."""

OPENING_SPREAD = timedelta(minutes=10)
"""Over how long after an opening the records are spread that were moved to it."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = {name: day for names in (_FULL_NAMES, [day.lower() for day in WEEKDAYS]) for day, name in enumerate(names)}
_DASHES = str.maketrans("–—\u2011\u2212", "----")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_END_OF_DAY = ("24", "24:00")
_ENDS = 2
_EXAMPLE = "write it as Mon-Sat 09:00-20:00"


EVERYWHERE_WITHIN = 16 * DAY
"""How far ahead an instant is looked for at which a window is open in several zones: two weeks hold every weekday."""


WITHOUT_HOLIDAYS = 8 * DAY
"""How far ahead a window opens at the latest where no holiday keeps it closed: it has a weekday."""


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """Local dates on which nothing is sent, from `first` through `last`.

    Raises:
        InvalidWindow: It ends before it begins, or lies outside `HOLIDAY_YEARS`.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidWindow(f"The holiday {self} ends before it begins: write the earlier date first.")
        if self.first.year not in HOLIDAY_YEARS or self.last.year not in HOLIDAY_YEARS:
            raise InvalidWindow(f"The holiday {self} is out of reach: write a year from 2000 to 2099.")

    @override
    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"

    @property
    def days(self) -> int:
        """How many dates it covers."""
        return (self.last - self.first).days + 1


class WrittenWindow(TypedDict):
    """A window as it is stored."""

    hours: list[str]
    holidays: NotRequired[list[str]]


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Local hours in which messages may go, and holidays on which they may not; the zone comes with each question.

    An instant is open if the wall clock of the zone stands within any of the hours, and neither its date nor the date
    on which those hours opened is a holiday. Hours from 00:00 to 00:00 are the whole day. The questions take the name
    of a known zone.

    Raises:
        InvalidWindow: The hours are none or too many, begin where they end or not at a minute, or holidays overlap or
            are too many.
    """

    hours: tuple[Hours, ...]
    holidays: tuple[Holiday, ...] = ()
    _openings: Openings = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_hours(self.hours)
        object.__setattr__(self, "holidays", tuple(sorted(self.holidays)))
        _check_holidays(self.holidays)
        closed = frozenset(holiday.first + n * DAY for holiday in self.holidays for n in range(holiday.days))
        object.__setattr__(self, "_openings", Openings(self.hours, closed))

    @classmethod
    def read(cls, hours: str | Iterable[str], holidays: str | Iterable[str] | None = None) -> "SendWindow":
        """Read a window from what people write; the same words give the same object.

        Hours: ``09:00-20:00``, ``Mon-Sat 09:00-20:00``, ``Mon,Wed,Fri 9-17``, ``Fri-Mon 22-02``; several as a list, or
        in one text with ``;`` between them. Holidays: ``2026-12-25`` or ``2026-02-17..2026-02-18``, likewise.
        """
        return _read(_pieces(hours), None if holidays is None else _pieces(holidays))

    @classmethod
    def from_json(cls, stored: WrittenWindow) -> "SendWindow":
        """Read a window from the form that `as_json` gives."""
        return cls.read(stored["hours"], stored.get("holidays"))

    def as_json(self) -> WrittenWindow:
        """Return the form in which a window is stored."""
        stored = WrittenWindow(hours=[_written(hours) for hours in self.hours])
        if self.holidays:
            stored["holidays"] = list(self.holidays_written)
        return stored

    @property
    def written(self) -> str:
        """The hours as `read` takes them."""
        return "; ".join(_written(hours) for hours in self.hours)

    @property
    def holidays_written(self) -> tuple[str, ...]:
        """The holidays as `read` takes them, in order; none where there is no holiday."""
        return tuple(str(holiday) for holiday in self.holidays)

    @override
    def __str__(self) -> str:
        return self.written.replace("-", "–")

    def is_open(self, instant: datetime, zone: str) -> bool:
        """Return whether the window is open at an instant."""
        return self._openings.is_open(instant, zone)

    def next_open(self, instant: datetime, zone: str) -> datetime:
        """Return the first instant from `instant` on at which the window is open, in UTC."""
        return self._openings.next_open(instant, zone)

    def next_open_everywhere(self, instant: datetime, zones: Iterable[str]) -> datetime | None:
        """Return the first instant from `instant` on at which the window is open in all of some zones, in UTC.

        None where there is none within `EVERYWHERE_WITHIN`, holidays aside: hours of zones far apart may never meet.
        """
        asked, at, since = [*zones], instant, instant
        while at - since <= EVERYWHERE_WITHIN:
            opens = max(self._openings.next_open(at, zone) for zone in asked)
            if opens == at:
                return at
            # A jump over holidays says nothing of the hours: these are looked for from its end on.
            at, since = opens, opens if opens - at > WITHOUT_HOLIDAYS else since
        return None

    def closes_at(self, instant: datetime, zone: str) -> datetime:
        """Return the first instant after an open one at which the window is closed, in UTC, or `opening.NEVER`."""
        return self._openings.closes_at(instant, zone)


def spread_into(opening: datetime, closes: datetime, share: float) -> datetime:
    """Return where in an opening a record goes that was moved to it, so that no window begins with a burst.

    That is the given share, from 0 to 1, of `OPENING_SPREAD` or of half the opening, whichever is shorter.
    """
    assert opening < closes
    assert 0 <= share <= 1
    room = min(OPENING_SPREAD, (closes - opening) / 2)
    return opening + room * share // SECOND * SECOND


@lru_cache(maxsize=1024)
def _read(hours: tuple[str, ...], holidays: tuple[str, ...] | None) -> SendWindow:
    if not hours or not all(hours):
        raise InvalidWindow(f"The window is empty, or has an empty part: {_EXAMPLE}.")
    if holidays is not None and not any(holidays):
        raise InvalidWindow("The list of holidays is empty: name a date such as 2026-12-25, or leave the list out.")
    return SendWindow(tuple(map(_read_hours, hours)), tuple(map(_read_holiday, holidays or ())))


def _pieces(written: str | Iterable[str]) -> tuple[str, ...]:
    texts = [written] if isinstance(written, str) else written
    return tuple(piece.strip() for text in texts for piece in text.split(";"))


def _read_hours(written: str) -> Hours:
    plain = written.translate(_DASHES)
    first_digit = re.search(r"[0-9]", plain)
    if first_digit is None:
        raise InvalidWindow(f"The window {written[:60]!r} names no hours: {_EXAMPLE}.")
    days, hours = plain[: first_digit.start()].strip(), plain[first_digit.start() :]
    opens, closes = _read_times(hours)
    return Hours(opens, closes, weekdays=_read_days(days, written) if days else EVERY_DAY)


def _read_times(written: str) -> tuple[time, time]:
    """Read hours of the day, the whole day among them."""
    opens, _, closes = written.partition("-")
    if opens.strip().startswith("24"):
        raise InvalidWindow(f"The hours {written[:40]!r} begin at the end of a day: write 00:00 of the next one.")
    if closes.strip() in _END_OF_DAY and parse_time(opens) == time():
        return time(), time()
    return parse_hours(written)


def _read_days(written: str, whole: str) -> frozenset[int]:
    """Read weekdays: single ones and ranges, which may run over Sunday, with commas between them."""
    days: set[int] = set()
    for part in written.split(","):
        names = [name.strip().lower() for name in part.split("-")]
        if len(names) > _ENDS or any(name not in _WEEKDAY for name in names):
            raise InvalidWindow(f"The window {whole[:60]!r} names the weekday {part.strip()[:40]!r}: {_EXAMPLE}.")
        first, last = _WEEKDAY[names[0]], _WEEKDAY[names[-1]]
        days.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return frozenset(days)


def _read_holiday(written: str) -> Holiday:
    first, dots, last = (part.strip() for part in written.partition(".."))
    return Holiday(_read_date(first, written), _read_date(last if dots else first, written))


def _read_date(written: str, whole: str) -> date:
    if _DATE.fullmatch(written):
        with suppress(ValueError):
            return date.fromisoformat(written)
    raise InvalidWindow(f"The holiday {whole[:60]!r} cannot be read: write 2026-12-25 or 2026-02-17..2026-02-18.")


def _check_hours(every: tuple[Hours, ...]) -> None:
    if not 1 <= len(every) <= HOURS_LIMIT:
        raise InvalidWindow(f"The window has {len(every)} hours: write from one to {HOURS_LIMIT}.")
    for hours in every:
        if hours.opens == hours.closes != time():
            raise InvalidWindow(f"The hours {_written(hours)!r} begin where they end: write two that differ.")
        if any(at.second or at.microsecond or at.tzinfo for at in (hours.opens, hours.closes)):
            raise InvalidWindow(f"The hours {hours.opens}-{hours.closes} are no plain minutes: {_EXAMPLE}.")


def _check_holidays(holidays: tuple[Holiday, ...]) -> None:
    for earlier, later in pairwise(holidays):
        if later.first <= earlier.last:
            raise InvalidWindow(f"The holidays {earlier} and {later} overlap: name each day once.")
    days = sum(holiday.days for holiday in holidays)
    if days > HOLIDAY_LIMIT:
        raise InvalidWindow(f"The holidays are {days} days, more than {HOLIDAY_LIMIT}: leave out what has passed.")


def _written(hours: Hours) -> str:
    closes = "24:00" if hours.closes == time() else f"{hours.closes:%H:%M}"
    times = f"{hours.opens:%H:%M}-{closes}"
    return times if hours.weekdays == EVERY_DAY else f"{_written_days(hours.weekdays)} {times}"


def _written_days(days: frozenset[int]) -> str:
    """Write weekdays as ranges, a range over Sunday as one."""
    firsts = sorted(day for day in days if (day - 1) % 7 not in days)
    lasts = [next(day for day in range(first, first + 7) if (day + 1) % 7 not in days) for first in firsts]
    ranges = zip(firsts, lasts, strict=True)
    return ",".join(WEEKDAYS[a] if a == z else f"{WEEKDAYS[a]}-{WEEKDAYS[z % 7]}" for a, z in ranges)
