"""Sequences: what each is made of, how it does, and whether it goes."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser

Posted = Annotated[str, Form(max_length=500)]

router = APIRouter(prefix="/sequences")


@router.get("")
def sequences(request: Request, context: CurrentUser) -> Response:
    """List every sequence."""
    drip = context.drip
    reports = {report.sequence: report for report in drip.reports.overview().sequences}
    states, drafts = drip.sequences.all(), drip.sequences.drafts.all()
    values = {
        "states": states,
        "archived": drip.sequences.archived(),
        "reports": reports,
        "drafts": drafts,
        "published": {state.sequence.name for state in states},
        "drafted": {draft.name for draft in drafts},
        "now": drip.now(),
    }
    return page(request, "sequences/list.html", values, context=context)


@router.get("/{name}")
def sequence(request: Request, context: CurrentUser, name: InAddress) -> Response:
    """Show a sequence with the figures of each step."""
    drip = context.drip
    state = drip.sequences.get(name)
    report = next((one for one in drip.reports.overview().sequences if one.sequence == name), None)
    steps = {} if report is None else {tally.of.step: tally for tally in report.steps}
    values = {
        "state": state,
        "report": report,
        "steps": steps,
        "draft": drip.sequences.drafts.get(name),
        "now": drip.now(),
    }
    return page(request, "sequences/sequence.html", values, context=context)


@router.post("/{name}/pause")
def pause(context: CsrfChecked, name: InAddress, reason: Posted = "") -> Response:
    """Keep a sequence from going on."""
    context.drip.pause(sequence=name, reason=reason)
    return back(f"/sequences/{in_address(name)}", done=f"{name} is paused: everyone in it waits.")


@router.get("/{name}/resume")
def resume_page(request: Request, context: CurrentUser, name: InAddress) -> Response:
    """Say what will happen when a sequence goes on."""
    values = {"name": name, "plan": context.drip.records.plan_resume(sequence=name)}
    return page(request, "sequences/resume.html", values, context=context)


@router.post("/{name}/resume")
def resume(context: CsrfChecked, name: InAddress) -> Response:
    """Let a sequence go on."""
    context.drip.resume(sequence=name)
    return back(f"/sequences/{in_address(name)}", done=f"{name} goes on.")
