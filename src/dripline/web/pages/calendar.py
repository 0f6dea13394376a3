"""The calendar: what goes when."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.web.charts.hourly_chart import chart
from dripline.web.render import page
from dripline.web.security.auth import CurrentUser

router = APIRouter()


@router.get("/calendar")
def calendar(request: Request, context: CurrentUser) -> Response:
    """Show what went in the last two days and what goes in the next two, hour by hour."""
    report = context.drip.reports.overview()
    return page(request, "calendar/calendar.html", {"report": report, "chart": chart(report)}, context=context)
