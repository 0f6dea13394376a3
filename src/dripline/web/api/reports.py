"""Reports over the API: the same figures as the pages and the command line have."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, NonNegativeInt

from dripline.core.alerts import Trouble
from dripline.core.queries.report import EnrollmentCount, Overview, SequenceReport, Tally
from dripline.core.views.operations import Worker
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["reports"], prefix="/reports")


class Told(BaseModel):
    """A part of a report."""

    model_config = ConfigDict(frozen=True)


class ToldTally(Told):
    """How many records stand where; should is the sum of the others."""

    should: NonNegativeInt
    sent: NonNegativeInt
    failed: NonNegativeInt
    skipped: NonNegativeInt
    cancelled: NonNegativeInt
    unknown: NonNegativeInt
    remaining: NonNegativeInt

    @classmethod
    def of(cls, tally: Tally) -> "ToldTally":
        """Return a tally as programs are told it."""
        return cls(**_figures(tally))


class ToldStep(ToldTally):
    """The records of one step, counted from 1."""

    step: int


class ToldHour(ToldTally):
    """The records of the hour that begins at `since`."""

    since: datetime


class ToldSequence(Told):
    """The records of one sequence, in all and by step."""

    sequence: str
    enrollments: EnrollmentCount
    records: ToldTally
    steps: list[ToldStep]


class ToldOverview(Told):
    """How many stand where: in all, by sequence and step, and hour by hour."""

    at: datetime
    leads: NonNegativeInt
    due: NonNegativeInt
    due_since: datetime | None
    sent_lately: NonNegativeInt
    records: ToldTally
    sequences: list[ToldSequence]
    hours: list[ToldHour]


@router.get("/overview")
def get_overview(drip: ApiClient) -> ToldOverview:
    """Return how many stand where: in all, by sequence and step, and hour by hour; should is the sum of the others."""
    return _told(drip.reports.overview())


@router.get("/workers")
def list_workers(drip: ApiClient) -> list[Worker]:
    """Return the processors that are at work."""
    return drip.reports.workers()


@router.get("/troubles")
def list_troubles(drip: ApiClient) -> list[Trouble]:
    """Return what waits for a person."""
    return drip.alerts.all()


def _told(report: Overview) -> ToldOverview:
    return ToldOverview(
        at=report.at,
        leads=report.leads,
        due=report.due.many,
        due_since=report.due_since,
        sent_lately=report.sent_lately.many,
        records=ToldTally.of(report.tally),
        sequences=[_sequence(one) for one in report.sequences],
        hours=[ToldHour(since=tally.of.since, **_figures(tally)) for tally in report.hours if tally.of.since],
    )


def _sequence(report: SequenceReport) -> ToldSequence:
    return ToldSequence(
        sequence=report.sequence,
        enrollments=report.enrollments,
        records=ToldTally.of(report.tally),
        steps=[ToldStep(step=tally.of.step, **_figures(tally)) for tally in report.steps if tally.of.step],
    )


def _figures(tally: Tally) -> dict[str, int]:
    return {
        "should": tally.should.many,
        "sent": tally.sent.many,
        "failed": tally.failed.many,
        "skipped": tally.skipped.many,
        "cancelled": tally.cancelled.many,
        "unknown": tally.unknown.many,
        "remaining": tally.remaining.many,
    }
