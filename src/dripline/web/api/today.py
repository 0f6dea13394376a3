"""What a person looks at first, and the calendar, over the API: the same figures as the pages have."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, NonNegativeInt

from dripline.core.explain import words_or_none
from dripline.core.reason import ReasonCode, code_of, facts_of
from dripline.core.records.waiting import WaitCause, Waiting, WaitingGroup
from dripline.core.views.calendar import DAYS_LIMIT, Calendar, CalendarDay, CalendarHour, CalendarRow, StoppedStep
from dripline.core.views.today import DayResults, Need, NextUp, Today
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["reports"])


class Figures(BaseModel):
    """A part of what is told."""

    model_config = ConfigDict(frozen=True)


class WaitingGroupFigures(Figures):
    """Due messages that one cause keeps from going: `count`, or more where `is_more`."""

    cause: WaitCause
    count: NonNegativeInt
    is_more: bool
    sender: str | None
    sequence: str | None
    step: int | None
    channel: str | None
    since: datetime | None
    until: datetime | None
    gap_seconds: float | None
    reason: str | None
    reason_code: ReasonCode | None
    reason_facts: Mapping[str, object]

    @classmethod
    def of(cls, group: WaitingGroup) -> "WaitingGroupFigures":
        """Return a group as programs are told it."""
        return cls(
            cause=group.cause,
            count=group.count,
            is_more=group.is_more,
            sender=group.sender,
            sequence=group.sequence,
            step=group.step,
            channel=group.channel,
            since=group.since,
            until=group.until,
            gap_seconds=group.gap_seconds,
            reason=words_or_none(group.because),
            reason_code=code_of(group.because),
            reason_facts=facts_of(group.because),
        )


class WaitingFigures(Figures):
    """Everything that is due, by what it waits for; `late` has nothing that holds it."""

    count: NonNegativeInt
    late: NonNegativeInt
    due_since: datetime | None
    groups: list[WaitingGroupFigures]

    @classmethod
    def of(cls, waiting: Waiting) -> "WaitingFigures":
        """Return what waits as programs are told it."""
        return cls(
            count=waiting.count,
            late=waiting.late,
            due_since=waiting.due_since,
            groups=[WaitingGroupFigures.of(group) for group in waiting.groups],
        )


class CalendarDayFigures(Figures):
    """All sequences on one day. `capacity` is null where a sender has no limit."""

    day: date
    sent: NonNegativeInt
    failed: NonNegativeInt
    scheduled: NonNegativeInt
    capacity: int | None
    hours: list[CalendarHour]

    @classmethod
    def of(cls, day: CalendarDay) -> "CalendarDayFigures":
        """Return a day as programs are told it."""
        return cls(
            day=day.day,
            sent=day.sent,
            failed=day.failed,
            scheduled=day.scheduled,
            capacity=day.capacity,
            hours=list(day.hours),
        )


class CalendarCellFigures(Figures):
    """One sequence on one day: `hours` are the 24 of its clock, each with what went and is to go in it."""

    day: date
    sent: NonNegativeInt
    scheduled: NonNegativeInt
    hours: list[int]


class CalendarRowFigures(Figures):
    """One sequence, and what has no time since somebody has to act first."""

    sequence: str
    steps: NonNegativeInt
    is_paused: bool
    paused: NonNegativeInt
    stopped: list[StoppedStep]
    without_sender: NonNegativeInt
    days: list[CalendarCellFigures]

    @classmethod
    def of(cls, row: CalendarRow) -> "CalendarRowFigures":
        """Return a row as programs are told it."""
        return cls(
            sequence=row.sequence,
            steps=row.steps,
            is_paused=row.is_paused,
            paused=row.paused,
            stopped=list(row.stopped),
            without_sender=row.without_sender,
            days=[
                CalendarCellFigures(day=cell.day, sent=cell.sent, scheduled=cell.scheduled, hours=list(cell.hours))
                for cell in row.cells
            ],
        )


class CalendarFigures(Figures):
    """Some days by the clock of `zone`; `later` is to go after the last of them."""

    at: datetime
    zone: str
    is_paused: bool
    days: list[CalendarDayFigures]
    sequences: list[CalendarRowFigures]
    later: NonNegativeInt

    @classmethod
    def of(cls, calendar: Calendar) -> "CalendarFigures":
        """Return a calendar as programs are told it."""
        return cls(
            at=calendar.at,
            zone=calendar.zone,
            is_paused=calendar.is_paused,
            days=[CalendarDayFigures.of(day) for day in calendar.days],
            sequences=[CalendarRowFigures.of(row) for row in calendar.rows],
            later=calendar.later,
        )


class TodayFigures(Figures):
    """What went in 24 hours, what needs a person, what waits and why, what comes next, and a week by hour."""

    at: datetime
    results: DayResults
    needs: list[Need]
    waiting: WaitingFigures
    next_up: list[NextUp]
    week: CalendarFigures
    has_processor: bool

    @classmethod
    def of(cls, today: Today) -> "TodayFigures":
        """Return today as programs are told it."""
        return cls(
            at=today.at,
            results=today.results,
            needs=list(today.needs),
            waiting=WaitingFigures.of(today.waiting),
            next_up=list(today.next_up),
            week=CalendarFigures.of(today.week),
            has_processor=today.has_processor,
        )


@router.get("/today")
def get_today(drip: ApiClient) -> TodayFigures:
    """Return what went in 24 hours, what needs a person, what waits and why, what comes next, and a week by hour."""
    return TodayFigures.of(drip.reports.today())


@router.get("/calendar")
def get_calendar(
    drip: ApiClient,
    from_: Annotated[date | None, Query(alias="from", description="The first day; today unless given.")] = None,
    days: Annotated[int, Query(ge=1, le=DAYS_LIMIT)] = 7,
) -> CalendarFigures:
    """Return what went and what is to go on some days, by sequence and local hour, when it will really go."""
    return CalendarFigures.of(drip.reports.calendar(from_, days=days))
