"""Today: what waits to be sent, what went, and what to do first."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.app import Dripline
from dripline.core.queries.filters import RecordFilter, StatusGroup
from dripline.core.queries.report import Overview
from dripline.core.views.lists import ListedRecord
from dripline.web.charts.hourly_chart import chart
from dripline.web.render import page
from dripline.web.security.auth import CurrentUser

router = APIRouter()


@dataclass(frozen=True, slots=True)
class FirstRun:
    """How far somebody is who begins. `sent` is the first message, once it went; `records` are all there are."""

    senders: int
    sequences: tuple[str, ...] = field(kw_only=True)
    leads: int = field(kw_only=True)
    records: int = field(kw_only=True)
    sent: ListedRecord | None = field(kw_only=True)


@router.get("/")
def today(request: Request, context: CurrentUser) -> Response:
    """Show how things stand."""
    drip = context.drip
    report = drip.reports.overview()
    values = {
        "report": report,
        "first": _first_run(drip, report),
        "chart": chart(report),
        "senders": drip.senders.all(),
        "workers": drip.reports.workers(),
        "troubles": drip.alerts.all(),
        "now": report.at,
    }
    return page(request, "today/today.html", values, context=context)


def _first_run(drip: Dripline, report: Overview) -> FirstRun | None:
    """Return how far it is to the first message; None for whoever is beyond it."""
    if report.tally.sent.many > 1 or (report.leads > 1 and report.tally.sent.many):
        return None
    sent = drip.records.find(RecordFilter(standings=[StatusGroup.COMPLETED])).rows
    return FirstRun(
        len(drip.senders.all()),
        sequences=tuple(state.sequence.name for state in drip.sequences.all()),
        leads=report.leads,
        records=report.tally.should.many,
        sent=sent[0] if sent else None,
    )
