"""Senders: how each stands, and what a person does to one."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from dripline.app.senders import TEST_MESSAGE
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.outcome import Accepted
from dripline.core.senders.sender import SenderStatus
from dripline.core.text import counted
from dripline.core.views.senders import SenderState
from dripline.errors import DriplineError
from dripline.web.pages.senders.cards import card_of, limit_today
from dripline.web.pages.senders.kinds import KINDS, kind_of
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser

Posted = Annotated[str, Form(max_length=500)]

Then = Annotated[str, Form(max_length=20)]
"""Which page a form stood on, to lead back to it: ``list`` or ``connect``; else the sender's."""

router = APIRouter(prefix="/senders")


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of the last test message of a sender, in this process."""

    at: datetime
    is_accepted: bool = field(kw_only=True)
    error: str = field(default="", kw_only=True)


@router.get("")
def senders(request: Request, context: CurrentUser, archived: str = "") -> Response:
    """List every sender, those of one pool together; the archived ones where they are asked for."""
    drip, now = context.drip, context.drip.now()
    states = drip.senders.all()
    gone = [state for state in states if state.status is SenderStatus.ARCHIVED]
    live = sorted((state for state in states if state not in gone), key=lambda state: (not _pool(state), _pool(state)))
    cards = {state.sender.name: card_of(state, now) for state in live}
    wrong = [state for state in live if cards[state.sender.name].tone == "bad"]
    values = {
        "pools": [(pool, list(members)) for pool, members in groupby(live, key=_pool)],
        "archived": gone,
        "shows_archived": bool(archived),
        "cards": cards,
        "gravest": max(wrong, key=lambda state: state.due, default=None),
        "limits": {state.sender.name: limit_today(state, now) for state in live},
        "titles": {state.sender.name: kind_of(state.sender.channel).title for state in live},
        "connected": {one.sender for one in drip.senders.credentials()},
        "connectable": frozenset(KINDS),
        "now": now,
    }
    return page(request, "senders/list.html", values, context=context)


def _pool(state: SenderState) -> str:
    return state.sender.pool or ""


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
        "links_phones": state.sender.channel not in KINDS or kind_of(state.sender.channel).is_by_phone,
        "is_connected": any(one.sender == name for one in drip.senders.credentials()),
        "plan": plan,
        "test_message": TEST_MESSAGE,
        "now": drip.now(),
    }
    return page(request, "senders/sender.html", values, context=context)


@router.post("/{name}/pause")
def pause(context: CsrfChecked, name: InAddress, reason: Posted = "", then: Then = "") -> Response:
    """Keep a sender from sending."""
    context.drip.senders.pause(name, reason=reason)
    return back(_place(name, then), done=f"{name} is paused: its leads wait.")


@router.post("/{name}/resume")
def resume(context: CsrfChecked, name: InAddress, then: Then = "") -> Response:
    """Let a sender go on."""
    context.drip.senders.resume(name)
    return back(_place(name, then), done=f"{name} goes on, slowly at first.")


@router.post("/{name}/try")
async def try_sender(
    request: Request, context: CsrfChecked, name: InAddress, to: Posted = "", text: Posted = "", then: Then = ""
) -> Response:
    """Send one message at once, to see that it arrives."""
    where = _place(name, then)
    try:
        # Whether that may be done is asked, and logged, in the database: not on the loop, to which connections belong.
        outcome = await (await asyncio.to_thread(partial(context.drip.senders.send_test, name, text, **lead_ref(to))))
    except DriplineError as error:
        return back(where, refused=str(error))
    error = "" if isinstance(outcome, Accepted) else outcome.error
    request.app.state.tried[name] = Tried(context.drip.now(), is_accepted=not error, error=error)
    if not error:
        return back(where, done="" if then else f"Accepted for {to}: look whether it has arrived.")
    return back(where, refused="" if then else f"It was not accepted: {error}.")


@router.post("/{name}/archive")
def archive(context: CsrfChecked, name: InAddress, to: Posted = "") -> Response:
    """Retire a sender; its leads go on with another."""
    try:
        moved = context.drip.senders.archive(name, to=to or None)
    except DriplineError as error:
        return back(f"/senders/{in_address(name)}", refused=str(error))
    return back("/senders", done=f"{name} is retired; {counted(moved, 'enrollment')} moved to other senders.")


def _place(name: str, then: str) -> str:
    """Return where a form leads back to: the list, the page that connects it, or the sender's own."""
    match then:
        case "list":
            return "/senders"
        case "connect":
            return f"/senders/{in_address(name)}/connect"
        case _:
            return f"/senders/{in_address(name)}"
