"""Seven days in bars of two hours: what went, what failed, what is to go. Geometry only; the template draws it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dripline.core.views.calendar import Calendar, CalendarDay

WIDTH, BASE, TALL = 1040, 164, 118
"""How wide the drawing is, where its bars stand, and how tall the tallest is, in SVG units."""

HOURS_A_BAR = 2

BARS_A_DAY = 24 // HOURS_A_BAR

FLAT_BAR = 1.5
"""How tall a bar is at least, so that one message is seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: `kind` is its colour."""

    x: float
    y: float = field(kw_only=True)
    width: float = field(kw_only=True)
    height: float = field(kw_only=True)
    kind: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class DayLabel:
    """What stands below a day, and where."""

    x: float
    width: float = field(kw_only=True)
    day: date = field(kw_only=True)
    sent: int = field(kw_only=True)
    scheduled: int = field(kw_only=True)
    is_today: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class WeekChart:
    """The bars, the days below them, and where now is; None where that is none of the days."""

    parts: tuple[Part, ...]
    days: tuple[DayLabel, ...] = field(kw_only=True)
    now: float | None = field(kw_only=True)
    width: int = field(default=WIDTH, kw_only=True)
    base: int = field(default=BASE, kw_only=True)
    height: int = field(default=BASE + 46, kw_only=True)


def week_chart(calendar: Calendar) -> WeekChart:
    """Draw the days of a calendar."""
    local = calendar.at.astimezone(ZoneInfo(calendar.zone))
    each = WIDTH / len(calendar.days)
    sums = [[_summed(day, bar) for bar in range(BARS_A_DAY)] for day in calendar.days]
    tallest = max((sum(kinds) for day in sums for kinds in day), default=0)
    parts = [
        part
        for place, day in enumerate(sums)
        for bar, kinds in enumerate(day)
        for part in _parts(place * each, bar, kinds, each, tallest)
    ]
    labels = (_label(day, place * each, each, local.date()) for place, day in enumerate(calendar.days))
    return WeekChart(tuple(parts), days=tuple(labels), now=_now(calendar, local, each))


def _summed(day: CalendarDay, bar: int) -> tuple[int, int, int]:
    """Count what failed, what went and what is to go in the hours of a bar: from its foot to its top."""
    hours = day.hours[bar * HOURS_A_BAR : (bar + 1) * HOURS_A_BAR]
    return sum(one.failed for one in hours), sum(one.sent for one in hours), sum(one.scheduled for one in hours)


def _parts(left: float, bar: int, kinds: tuple[int, int, int], each: float, tallest: int) -> Iterator[Part]:
    wide = (each - 24) / BARS_A_DAY
    floor = float(BASE)
    for kind, count in zip(("bad", "sent", "next"), kinds, strict=True):
        if count:
            tall = max(FLAT_BAR, TALL * count / tallest)
            floor -= tall
            yield Part(
                round(left + 12 + bar * wide, 1),
                y=round(floor, 1),
                width=round(wide - 2, 1),
                height=round(tall, 1),
                kind=kind,
            )


def _label(day: CalendarDay, left: float, each: float, today: date) -> DayLabel:
    return DayLabel(
        round(left, 1),
        width=round(each, 1),
        day=day.day,
        sent=day.sent,
        scheduled=day.scheduled,
        is_today=day.day == today,
    )


def _now(calendar: Calendar, local: datetime, each: float) -> float | None:
    place = (local.date() - calendar.days[0].day).days
    if not 0 <= place < len(calendar.days):
        return None
    return round(place * each + 12 + (each - 24) * (local.hour + local.minute / 60) / 24, 1)
