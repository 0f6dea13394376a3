"""The overview: what is due, what went, and what to do first."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.web.gate import Visiting
from dripline.web.view import page

router = APIRouter()


@router.get("/")
def overview(request: Request, visit: Visiting) -> Response:
    """Show how things stand."""
    drip = visit.drip
    values = {"counts": drip.counts(), "due": drip.count_due(), "troubles": drip.troubles(), "now": drip.now()}
    return page(request, "overview.html", values, visit=visit)
