"""The overview: what is due, what went, and what to do first."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.web.chart import chart
from dripline.web.gate import Visiting
from dripline.web.view import page

router = APIRouter()


@router.get("/")
def overview(request: Request, visit: Visiting) -> Response:
    """Show how things stand."""
    drip = visit.drip
    report = drip.report()
    values = {
        "report": report,
        "chart": chart(report),
        "senders": drip.senders(),
        "workers": drip.workers(),
        "troubles": drip.troubles(),
        "now": report.at,
    }
    return page(request, "overview.html", values, visit=visit)
