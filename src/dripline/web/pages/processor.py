"""The processor: who is at work, what waits for a person, and the big switch."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser

Posted = Annotated[str, Form(max_length=500)]

router = APIRouter()


@router.get("/processor")
def processor(request: Request, context: CurrentUser) -> Response:
    """Show the processors that are at work."""
    drip = context.drip
    values = {
        "workers": drip.reports.workers(),
        "due": drip.records.count_due(),
        "troubles": drip.alerts.all(),
        "now": drip.now(),
    }
    return page(request, "processor/processor.html", values, context=context)


@router.post("/pause")
def pause(context: CsrfChecked, reason: Posted = "") -> Response:
    """Keep everything from being sent."""
    context.drip.pause(reason=reason)
    return back("/processor", done="All sending is paused. What was on its way still arrives.")


@router.get("/resume")
def resume_page(request: Request, context: CurrentUser) -> Response:
    """Say what will happen when everything goes on."""
    return page(request, "processor/resume.html", {"plan": context.drip.records.plan_resume()}, context=context)


@router.post("/resume")
def resume(context: CsrfChecked) -> Response:
    """Let everything go on."""
    context.drip.resume()
    return back("/processor", done="Sending goes on. Nothing bursts: late steps keep their distance.")
