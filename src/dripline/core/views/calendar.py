"""The calendar as it is shown: what went and what is to go, by sequence, local day and hour."""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dripline.errors import InvalidFilter

DAYS_LIMIT = 31
"""Of how many days a calendar is."""

DAYS_BACK, DAYS_AHEAD = timedelta(days=7), timedelta(days=60)
"""How long ago its first day may be, as tallies are kept by the hour for nine days; and how far ahead."""


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """One sequence on one day: `hours` are the 24 of its clock, each with what went and is to go in it."""

    day: date
    sent: int = field(default=0, kw_only=True)
    scheduled: int = field(default=0, kw_only=True)
    hours: Listing[int] = field(default=(0,) * 24, kw_only=True)

    @property
    def count(self) -> int:
        """What went and is to go."""
        return self.sent + self.scheduled


@dataclass(frozen=True, slots=True)
class StoppedStep:
    """A step that is stopped, and how many messages stand at it."""

    step: int
    count: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One sequence: its days, and what has no time since somebody has to act first.

    `paused`: its open messages, where it is paused. `stopped`: its stopped steps. `without_sender`: its messages whose
    senders are paused.
    """

    sequence: str
    steps: int = field(kw_only=True)
    cells: tuple[CalendarCell, ...] = field(kw_only=True)
    paused: int = field(default=0, kw_only=True)
    is_paused: bool = field(default=False, kw_only=True)
    stopped: tuple[StoppedStep, ...] = field(default=(), kw_only=True)
    without_sender: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class CalendarHour:
    """One hour of a day: what went, what failed or may not have gone, and what is to go."""

    sent: int = field(default=0, kw_only=True)
    failed: int = field(default=0, kw_only=True)
    scheduled: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """All sequences on one day: `hours` are the 24 of its clock.

    `capacity`: the most that the senders' limits let go on it; None where one has none.
    """

    day: date
    hours: tuple[CalendarHour, ...] = field(kw_only=True)
    capacity: int | None = field(kw_only=True)

    @property
    def sent(self) -> int:
        """What went."""
        return sum(hour.sent for hour in self.hours)

    @property
    def failed(self) -> int:
        """What failed, or may not have gone."""
        return sum(hour.failed for hour in self.hours)

    @property
    def scheduled(self) -> int:
        """What is to go."""
        return sum(hour.scheduled for hour in self.hours)

    @property
    def count(self) -> int:
        """What went and is to go."""
        return self.sent + self.scheduled


@dataclass(frozen=True, slots=True)
class Calendar:
    """Some days, by sequence.

    `zone`: whose days and hours these are. `is_paused`: everything is; times are then those at which it would go if it
    went on now. `later`: what is to go after the last of the days.
    """

    at: datetime
    zone: str = field(kw_only=True)
    days: tuple[CalendarDay, ...] = field(kw_only=True)
    rows: tuple[CalendarRow, ...] = field(kw_only=True)
    later: int = field(kw_only=True)
    is_paused: bool = field(kw_only=True)


def check_days(first: date | None, days: int, now: datetime) -> None:
    """Refuse days that no calendar shows.

    Raises:
        InvalidFilter: These are too many days, or the first one is too long ago or too far ahead.
    """
    if not 1 <= days <= DAYS_LIMIT:
        raise InvalidFilter(f"A calendar of {days} days is not shown: ask for 1 to {DAYS_LIMIT}.")
    if first is not None and not -DAYS_BACK <= first - now.date() <= DAYS_AHEAD:
        raise InvalidFilter(
            f"The calendar goes from {DAYS_BACK.days} days ago to {DAYS_AHEAD.days} days ahead: name such a day."
        )
