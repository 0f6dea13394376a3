"""Events over the API: which programs are told what happens, and how far that is."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from dripline.core.event import DeliveryState, EventDelivery, EventSubscription, EventType, Subscribed
from dripline.core.target import URL_LIMIT
from dripline.web.api.answers import NO_NUL, Id, Written
from dripline.web.api.leads import Touched
from dripline.web.gate import Calling

router = APIRouter(tags=["events"])

Target = Annotated[str, Field(max_length=URL_LIMIT, pattern=NO_NUL, description="Public: https://host/path.")]
Types = Annotated[list[EventType], Field(min_length=1, max_length=len(EventType))]


class NewSubscription(Written):
    """A program that is told of events, by signed posts to its URL."""

    url: Target
    types: Types


class Change(Written):
    """What changes of a subscription; what is left out stays. `paused: false` lets a disabled one go on, too."""

    url: Target | None = None
    types: Types | None = None
    paused: bool | None = None


class Told(BaseModel):
    """One event on its way to one subscription, and what became of its last try."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    webhook_id: str = Field(description="The same on every try: receivers drop second copies by it.")
    subscription_id: int
    type: str
    happened_at: datetime
    about: dict[str, Any]
    state: DeliveryState
    tries: int
    next_at: datetime | None
    ended_at: datetime | None
    status_code: int | None
    error: str | None


class Deliveries(BaseModel):
    """A page of deliveries, the latest first; `next` is what to give as `after` for the page after it."""

    rows: list[Told]
    next: int | None


@router.get("/subscriptions")
def list_subscriptions(drip: Calling) -> list[EventSubscription]:
    """Return every subscription to events, without its secret."""
    return drip.subscriptions()


@router.post("/subscriptions")
def subscribe(drip: Calling, wanted: NewSubscription) -> Subscribed:
    """Have a program told what happens; the secret that signs its events is told this once."""
    return drip.subscribe(wanted.url, wanted.types)


@router.patch("/subscriptions/{subscription_id:int}")
def change_subscription(drip: Calling, subscription_id: Id, change: Change) -> EventSubscription:
    """Change where a subscription is told what happens, of what, or whether."""
    return drip.change_subscription(subscription_id, **change.model_dump())


@router.post("/subscriptions/{subscription_id:int}/rotate")
def rotate_subscription(drip: Calling, subscription_id: Id) -> Subscribed:
    """Give a subscription a new secret, told this once; the old one signs beside it for another day."""
    return drip.rotate_subscription(subscription_id)


@router.delete("/subscriptions/{subscription_id:int}")
def end_subscription(drip: Calling, subscription_id: Id) -> Touched:
    """Tell a subscription nothing more, for good."""
    return Touched(touched=int(drip.end_subscription(subscription_id)))


@router.post("/subscriptions/{subscription_id:int}/test")
def test_subscription(drip: Calling, subscription_id: Id) -> Told:
    """Post a `ping` to a subscription at once, and return what it answered."""
    return told(asyncio.run(drip.test_subscription(subscription_id)))


@router.get("/deliveries")
def list_deliveries(
    drip: Calling,
    subscription_id: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
    state: DeliveryState | None = None,
    after: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Deliveries:
    """List events on their way, and those of the last 30 days, the latest first."""
    found = drip.deliveries(subscription_id, state=state, after=after, most=size + 1)
    rows = [told(one) for one in found[:size]]
    return Deliveries(rows=rows, next=rows[-1].id if len(found) > size else None)


@router.post("/deliveries/{delivery_id:int}/redeliver")
def redeliver(drip: Calling, delivery_id: Id) -> Touched:
    """Have an event told again that was delivered or given up, under the id that it had."""
    return Touched(touched=int(drip.redeliver(delivery_id)))


def told(delivery: EventDelivery) -> Told:
    """Return a delivery as the API tells it."""
    return Told.model_validate(delivery)
