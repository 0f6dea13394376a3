"""Reports over the API: the same figures as the pages and the command line have."""

from fastapi import APIRouter
from starlette.responses import Response

from dripline.core.report import Overview, Tally
from dripline.core.trouble import Trouble
from dripline.store.presence import Worker
from dripline.web.api.answers import answer, plain
from dripline.web.gate import Calling

router = APIRouter(tags=["reports"], prefix="/reports")


@router.get("/overview")
def overview(drip: Calling) -> Response:
    """Return how many stand where: in all, by sequence and step, and hour by hour; should is the sum of the others."""
    return answer(_told(drip.report()))


@router.get("/workers")
def workers(drip: Calling) -> list[Worker]:
    """Return the processors that are at work."""
    return drip.workers()


@router.get("/troubles")
def troubles(drip: Calling) -> list[Trouble]:
    """Return what waits for a person."""
    return drip.troubles()


def _told(report: Overview) -> dict[str, object]:
    return {
        "at": report.at.isoformat(),
        "leads": report.leads,
        "due": report.due.many,
        "due_since": plain(report.due_since),
        "sent_lately": report.sent_lately.many,
        "records": _tally(report.tally),
        "sequences": [
            {
                "sequence": one.sequence,
                "enrollments": plain(one.enrollments),
                "records": _tally(one.tally),
                "steps": [{"step": tally.of.step, **_tally(tally)} for tally in one.steps],
            }
            for one in report.sequences
        ],
        "hours": [{"since": plain(tally.of.since), **_tally(tally)} for tally in report.hours],
    }


def _tally(tally: Tally) -> dict[str, int]:
    return {
        "should": tally.should.many,
        "sent": tally.sent.many,
        "failed": tally.failed.many,
        "skipped": tally.skipped.many,
        "cancelled": tally.cancelled.many,
        "unknown": tally.unknown.many,
        "remaining": tally.remaining.many,
    }
