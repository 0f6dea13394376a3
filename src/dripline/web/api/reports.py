"""Reports over the API: the same figures as the pages and the command line have."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from dripline.core.alerts import Alert
from dripline.core.queries.filters import StepResult
from dripline.core.queries.report import EnrollmentCount, Overview, SequenceReport, Tally
from dripline.core.queries.results import SequenceResults, StepResults
from dripline.core.views.operations import Worker
from dripline.web.api.sequences import Name
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["reports"], prefix="/reports")


class Figures(BaseModel):
    """A part of a report."""

    model_config = ConfigDict(frozen=True)


class TallyFigures(Figures):
    """How many records stand where; should is the sum of the others."""

    should: NonNegativeInt
    sent: NonNegativeInt
    failed: NonNegativeInt
    skipped: NonNegativeInt
    cancelled: NonNegativeInt
    unknown: NonNegativeInt
    remaining: NonNegativeInt

    @classmethod
    def of(cls, tally: Tally) -> "TallyFigures":
        """Return a tally as programs are told it."""
        return cls(**_figures(tally))


class StepFigures(TallyFigures):
    """The records of one step, counted from 1."""

    step: int


class HourFigures(TallyFigures):
    """The records of the hour that begins at `since`."""

    since: datetime


class SequenceFigures(Figures):
    """The records of one sequence, in all and by step."""

    sequence: str
    enrollments: EnrollmentCount
    records: TallyFigures
    steps: list[StepFigures]


class OverviewFigures(Figures):
    """How many stand where: in all, by sequence and step, and hour by hour."""

    at: datetime
    leads: NonNegativeInt
    due: NonNegativeInt
    due_since: datetime | None
    sent_lately: NonNegativeInt
    replica_behind_seconds: NonNegativeFloat | None
    """By how much the standby was behind that this was read from; null where it was read from the database itself."""
    records: TallyFigures
    sequences: list[SequenceFigures]
    hours: list[HourFigures]


class ResultFigures(Figures):
    """How many messages, or runs, came to what; null where no receipt tells.

    Shares are of the messages sent, that of those read is of the ones delivered; null where nobody knows.
    """

    sent: NonNegativeInt
    delivered: NonNegativeInt | None
    read: NonNegativeInt | None
    not_delivered: NonNegativeInt | None
    replied: NonNegativeInt
    stopped: NonNegativeInt
    goal: NonNegativeInt
    left: NonNegativeInt
    shares: dict[StepResult, NonNegativeFloat | None]

    @classmethod
    def of(cls, results: StepResults) -> "ResultFigures":
        """Return what steps led to as programs are told it."""
        return cls.model_validate(_led_to(results))


class StepResultFigures(ResultFigures):
    """What one step led to. `step`: its place in the newest version, counted from 1; null where that has it no more."""

    step_id: str
    step: int | None
    message: str
    """How its newest text begins."""


class SequenceResultFigures(Figures):
    """What the steps of a sequence led to, all together and each."""

    sequence: str
    enrollments: EnrollmentCount
    all: ResultFigures
    steps: list[StepResultFigures]

    @classmethod
    def of(cls, results: SequenceResults) -> "SequenceResultFigures":
        """Return it as programs are told it."""
        return cls(
            sequence=results.sequence,
            enrollments=results.enrollments,
            all=ResultFigures.of(results.all),
            steps=[
                StepResultFigures.model_validate(
                    {
                        "step_id": step.step_id,
                        "step": step.position,
                        "message": step.message,
                        **_led_to(step),
                    }
                )
                for step in results.steps
            ],
        )


@router.get("/sequences")
def list_results(drip: ApiClient) -> list[SequenceResultFigures]:
    """Return what the steps of each sequence led to."""
    return [SequenceResultFigures.of(one) for one in drip.reports.results()]


@router.get("/sequences/{name}")
def get_results(drip: ApiClient, name: Name) -> SequenceResultFigures:
    """Return what each step of a sequence led to; `GET /records` lists the records behind each figure."""
    return SequenceResultFigures.of(drip.reports.results_of(name))


@router.get("/overview")
def get_overview(drip: ApiClient) -> OverviewFigures:
    """Return how many stand where: in all, by sequence and step, and hour by hour; should is the sum of the others."""
    return _figures_of(drip.reports.overview())


@router.get("/workers")
def list_workers(drip: ApiClient) -> list[Worker]:
    """Return the processors that are at work."""
    return drip.reports.workers()


@router.get("/troubles")
def list_troubles(drip: ApiClient) -> list[Alert]:
    """Return what waits for a person."""
    return drip.alerts.all()


def _figures_of(report: Overview) -> OverviewFigures:
    return OverviewFigures(
        at=report.at,
        leads=report.leads,
        due=report.due.many,
        due_since=report.due_since,
        sent_lately=report.sent_lately.many,
        replica_behind_seconds=None if report.behind is None else report.behind.total_seconds(),
        records=TallyFigures.of(report.tally),
        sequences=[_sequence(one) for one in report.sequences],
        hours=[HourFigures(since=tally.of.since, **_figures(tally)) for tally in report.hours if tally.of.since],
    )


def _sequence(report: SequenceReport) -> SequenceFigures:
    return SequenceFigures(
        sequence=report.sequence,
        enrollments=report.enrollments,
        records=TallyFigures.of(report.tally),
        steps=[StepFigures(step=tally.of.step, **_figures(tally)) for tally in report.steps if tally.of.step],
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


def _led_to(results: StepResults) -> dict[str, object]:
    figures = results.figures()
    return {
        **{str(result): None if figure is None else figure.many for result, figure in figures.items()},
        "shares": {result: results.share(result) for result in StepResult if result is not StepResult.SENT},
    }
