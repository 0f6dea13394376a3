"""Pausing all sending, and resuming it: from every page."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from dripline.web.links import ours
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser

Posted = Annotated[str, Form(max_length=500)]
Address = Annotated[str, Form(max_length=2_000)]

router = APIRouter()


@router.post("/pause")
def pause(context: CsrfChecked, reason: Posted = "", next: Address = "/") -> Response:  # noqa: A002  (its name in the form)
    """Keep everything from being sent, and lead back to the page that it was asked on."""
    context.drip.pause(reason=reason)
    return back(ours(next), done="Paused all sending. What was on its way still arrives.")


@router.get("/resume")
def resume_page(request: Request, context: CurrentUser) -> Response:
    """Say what will happen when everything goes on."""
    return page(request, "sending/resume.html", {"plan": context.drip.records.plan_resume()}, context=context)


@router.post("/resume")
def resume(context: CsrfChecked) -> Response:
    """Let everything go on."""
    context.drip.resume()
    return back("/", done="Resumed sending. Nothing bursts: late steps keep their distance.")
