"""The calendar: what goes when, by sequence and day."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.core.views.calendar import Calendar, CalendarCell
from dripline.errors import InvalidFilter
from dripline.web.clock_words import hours_text
from dripline.web.render import page
from dripline.web.security.auth import CurrentUser

router = APIRouter()

WEEK = timedelta(days=7)

FIRST_HOUR, LAST_HOUR = 8, 20
"""Between which hours bars are drawn at least."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Between which hours the small bars of all cells are drawn, and how many the tallest counts."""

    first: int
    last: int = field(kw_only=True)
    tallest: int = field(kw_only=True)


@router.get("/calendar")
def calendar(request: Request, context: CurrentUser) -> Response:
    """Show what went and what goes on seven days; the first one, and the one that a phone shows, are in the address."""
    asked = request.query_params
    first, picked = _day(asked.get("from")), _day(asked.get("day"))
    found = context.drip.reports.calendar(first)
    today = found.at.astimezone(ZoneInfo(found.zone)).date()
    days = [day.day for day in found.days]

    def messages(sequence: str, day: date) -> str:
        return messages_of(sequence, day, found, today)

    values = {
        "calendar": found,
        "today": today,
        "picked": picked if picked in days else today if today in days else days[0],
        "before": days[0] - WEEK,
        "after": days[0] + WEEK,
        "bars": _bars(found),
        "hours_text": hours_text,
        "messages_of": messages,
    }
    return page(request, "calendar/calendar.html", values, context=context)


def messages_of(sequence: str, day: date, found: Calendar, today: date) -> str:
    """Return where the messages of a sequence are listed that are due on a day; what is overdue goes today."""
    zone = ZoneInfo(found.zone)
    ends = {"until": _midnight(day + timedelta(days=1), zone)}
    begins = {} if day == today else {"since": _midnight(day, zone)}
    statuses = [("status", one) for one in (("completed",) if day < today else ("active", "pending"))]
    return f"/messages?{urlencode([('sequence', sequence), *statuses, *begins.items(), *ends.items()])}"


def _midnight(day: date, zone: ZoneInfo) -> str:
    return f"{datetime.combine(day, time(), tzinfo=zone).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _day(written: str | None) -> date | None:
    """Read a day from an address.

    Raises:
        InvalidFilter: It is none.
    """
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise InvalidFilter(f"{written!r} is no day: write one such as 2026-11-30.") from None


def _bars(found: Calendar) -> Bars:
    cells: list[CalendarCell] = [cell for row in found.rows for cell in row.cells]
    used = [hour for cell in cells for hour, count in enumerate(cell.hours) if count]
    tallest = max((count for cell in cells for count in cell.hours), default=0)
    return Bars(min([FIRST_HOUR, *used]), last=max([LAST_HOUR, *(hour + 1 for hour in used)]), tallest=tallest)
