"""Senders: how each stands, and what a person does to one."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from dripline.app.senders import TEST_MESSAGE
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.outcome import Accepted
from dripline.core.text import counted
from dripline.errors import DriplineError
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser

Posted = Annotated[str, Form(max_length=500)]

router = APIRouter(prefix="/senders")


@router.get("")
def senders(request: Request, context: CurrentUser) -> Response:
    """List every sender."""
    drip = context.drip
    values = {"senders": drip.senders.all(), "now": drip.now(), "channels": drip.senders.channel_names()}
    return page(request, "senders/list.html", values, context=context)


@router.get("/{name}")
def sender(request: Request, context: CurrentUser, name: InAddress) -> Response:
    """Show a sender, and what happened to it."""
    drip = context.drip
    events = drip.senders.events(name)
    states = drip.senders.all()
    state = next(state for state in states if state.sender.name == name)
    others = [one for one in states if one.sender.channel == state.sender.channel and one.sender.name != name]
    plan = drip.records.plan_resume(sender=name) if state.status == "paused" else None
    values = {
        "state": state,
        "events": events,
        "others": others,
        "plan": plan,
        "test_message": TEST_MESSAGE,
        "now": drip.now(),
    }
    return page(request, "senders/sender.html", values, context=context)


@router.post("/{name}/pause")
def pause(context: CsrfChecked, name: InAddress, reason: Posted = "") -> Response:
    """Keep a sender from sending."""
    context.drip.senders.pause(name, reason=reason)
    return back(f"/senders/{in_address(name)}", done=f"{name} is paused: its leads wait.")


@router.post("/{name}/resume")
def resume(context: CsrfChecked, name: InAddress) -> Response:
    """Let a sender go on."""
    context.drip.senders.resume(name)
    return back(f"/senders/{in_address(name)}", done=f"{name} goes on, slowly at first.")


@router.post("/{name}/try")
async def try_sender(context: CsrfChecked, name: InAddress, to: Posted = "", text: Posted = "") -> Response:
    """Send one message at once, to see that it arrives."""
    where = f"/senders/{in_address(name)}"
    try:
        # Whether that may be done is asked, and logged, in the database: not on the loop, to which connections belong.
        outcome = await (await asyncio.to_thread(partial(context.drip.senders.send_test, name, text, **lead_ref(to))))
    except DriplineError as error:
        return back(where, refused=str(error))
    if isinstance(outcome, Accepted):
        return back(where, done=f"Accepted for {to}: look whether it has arrived.")
    return back(where, refused=f"It was not accepted: {outcome.error}.")


@router.post("/{name}/archive")
def archive(context: CsrfChecked, name: InAddress, to: Posted = "") -> Response:
    """Retire a sender; its leads go on with another."""
    try:
        moved = context.drip.senders.archive(name, to=to or None)
    except DriplineError as error:
        return back(f"/senders/{in_address(name)}", refused=str(error))
    return back("/senders", done=f"{name} is retired; {counted(moved, 'enrollment')} moved to other senders.")
