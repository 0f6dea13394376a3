"""The system: which workers are at work, what waits to be sent, and what needs attention."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.web.render import page
from dripline.web.security.auth import CurrentUser

router = APIRouter()


@router.get("/settings/system")
def system(request: Request, context: CurrentUser) -> Response:
    """Show the workers that are at work."""
    drip = context.drip
    values = {
        "workers": drip.reports.workers(),
        "due": drip.records.count_due(),
        "troubles": drip.alerts.all(),
        "now": drip.now(),
    }
    return page(request, "settings/system.html", values, context=context)
