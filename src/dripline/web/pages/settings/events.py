"""Events: which programs are told what happens, and how far that is."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from dripline.core.events.event import DeliveryState, EventType
from dripline.errors import DriplineError
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext

HERE = "/settings/events"

SHOWN = 50
"""How many deliveries a page has."""

MEANINGS = {
    EventType.LEAD_ENROLLED: "a lead began a sequence",
    EventType.LEAD_REPLIED: "a lead answered",
    EventType.MESSAGE_RECEIVED: "a lead wrote a message; its words are left out unless they are asked for",
    EventType.LEAD_OPTED_OUT: "a person asked for no more messages",
    EventType.LEAD_OPTED_IN: "a person may be sent to again",
    EventType.LEAD_FORGOTTEN: "a lead was deleted",
    EventType.RECORD_COMPLETED: "a provider took a message",
    EventType.RECORD_FAILED: "a message failed",
    EventType.RECORD_DELIVERY: "a receipt came: delivered, read, failed",
    EventType.ENROLLMENT_ENDED: "a run through a sequence ended",
    EventType.SENDER_PAUSED: "a sender was paused",
    EventType.SENDER_RESUMED: "a sender went on",
    EventType.SENDER_BROKEN: "a sender failed too often",
    EventType.SENDER_RECOVERED: "a broken sender works again",
    EventType.SENDER_ARCHIVED: "a sender was retired",
    EventType.SENDER_ANSWERS_ONLY: "a sender may only answer people for now",
}
"""What each type of event says happened."""

Posted = Annotated[str, Form(max_length=2_000)]
Number = Annotated[int | None, Query(ge=1, le=2**63 - 1)]

router = APIRouter(prefix=HERE)


@router.get("")
def events(
    request: Request, context: CurrentUser, state: DeliveryState | None = None, of: Number = None, after: Number = None
) -> Response:
    """Show who is told what, and the latest deliveries; `of`: to this subscription alone."""
    return _events(request, context, state=state, of=of, after=after)


@router.post("")
def subscribe(
    request: Request, context: CsrfChecked, url: Posted, types: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Have a program told what happens; its secret is shown once."""
    try:
        made = context.drip.events.subscribe(url, types or [])
    except DriplineError as error:
        return _events(request, context, refused=str(error), url=url, chosen=types)
    return _events(request, context, secret=made.secret, secret_of=made.subscription.id)


@router.post("/{subscription_id}/pause")
def pause(context: CsrfChecked, subscription_id: int) -> Response:
    """Tell a subscription nothing for now."""
    return _changed(context, subscription_id, paused=True, done="It is paused: what happens meanwhile is not told.")


@router.post("/{subscription_id}/resume")
def resume(context: CsrfChecked, subscription_id: int) -> Response:
    """Tell a subscription again what happens from now on."""
    return _changed(context, subscription_id, paused=False, done="It is told again what happens from now on.")


@router.post("/{subscription_id}/rotate")
def rotate(request: Request, context: CsrfChecked, subscription_id: int) -> Response:
    """Give a subscription another secret, shown once."""
    try:
        rotated = context.drip.events.rotate(subscription_id)
    except DriplineError as error:
        return back(HERE, refused=str(error))
    return _events(request, context, secret=rotated.secret, secret_of=subscription_id)


@router.post("/{subscription_id}/test")
def ping(context: CsrfChecked, subscription_id: int) -> Response:
    """Post a ping to a subscription, and say what it answered."""
    try:
        answered = asyncio.run(context.drip.events.send_ping(subscription_id))
    except DriplineError as error:
        return back(HERE, refused=str(error))
    if answered.error is not None:
        return back(HERE, refused=f"The test was not taken: {answered.error}.")
    return back(HERE, done=f"The test was taken: the receiver answered {answered.status_code}.")


@router.post("/{subscription_id}/end")
def end(context: CsrfChecked, subscription_id: int) -> Response:
    """Tell a subscription nothing more, for good."""
    context.drip.events.end(subscription_id)
    return back(HERE, done="It is told nothing more.")


@router.post("/deliveries/{delivery_id}/redeliver")
def redeliver(context: CsrfChecked, delivery_id: int) -> Response:
    """Have an event told again."""
    if context.drip.events.redeliver(delivery_id):
        return back(HERE, done="It is told again, under the id that it had.")
    return back(HERE, refused="It waits to be told already, or is not there any more.")


def _changed(context: PageContext, subscription_id: int, *, paused: bool, done: str) -> Response:
    try:
        context.drip.events.change(subscription_id, paused=paused)
    except DriplineError as error:
        return back(HERE, refused=str(error))
    return back(HERE, done=done)


def _events(  # noqa: PLR0913  (what is shown this once, each by its name)
    request: Request,
    context: PageContext,
    *,
    state: DeliveryState | None = None,
    of: int | None = None,
    after: int | None = None,
    secret: str | None = None,
    secret_of: int | None = None,
    refused: str = "",
    url: str = "",
    chosen: list[str] | None = None,
) -> Response:
    drip = context.drip
    found = drip.events.deliveries(of, state=state, after=after, most=SHOWN + 1)
    values = {
        "subscriptions": drip.events.subscriptions(),
        "can_sign": drip.events.can_sign(),
        "found": found[:SHOWN],
        "next": found[SHOWN - 1].id if len(found) > SHOWN else None,
        "states": list(DeliveryState),
        "state": state,
        "of": of,
        "meanings": MEANINGS,
        "secret": secret,
        "secret_of": secret_of,
        "refused": refused,
        "url": url,
        "chosen": chosen or [EventType.RECORD_COMPLETED, EventType.RECORD_FAILED, EventType.LEAD_REPLIED],
        "now": drip.now(),
    }
    return page(request, "settings/events.html", values, context=context, status=422 if refused else 200)
