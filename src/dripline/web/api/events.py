"""Events over the API: which programs are told what happens, and how far that is."""

import asyncio
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from dripline.core.events.event import (
    DeliveryState,
    EventDelivery,
    EventSubscription,
    EventType,
    Subscribed,
    SubscriptionStatus,
)
from dripline.core.events.target import URL_LIMIT
from dripline.core.reason import ReasonCode
from dripline.schema.base import NO_NUL
from dripline.web.api.leads import Touched
from dripline.web.api.responses import READ_ONLY, Id, RequestBody
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["events"])

Target = Annotated[str, Field(max_length=URL_LIMIT, pattern=NO_NUL, description="Public: https://host/path.")]
Types = Annotated[list[EventType], Field(min_length=1, max_length=len(EventType))]


class AboutSubscription(RequestBody):
    """What is told of a subscription beside what is written."""

    id: int | None = Field(default=None, json_schema_extra=READ_ONLY)
    status: SubscriptionStatus | None = Field(default=None, json_schema_extra=READ_ONLY)
    reason: str | None = Field(default=None, json_schema_extra=READ_ONLY)
    reason_code: ReasonCode | None = Field(default=None, json_schema_extra=READ_ONLY)
    reason_facts: dict[str, object] = Field(default={}, json_schema_extra=READ_ONLY)
    created_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    failing_since: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    waiting: int | None = Field(default=None, json_schema_extra=READ_ONLY)


class SubscriptionBody(AboutSubscription):
    """A program that is told of events, by signed posts to its URL. What is read may be written back as it is."""

    url: Target
    types: Types
    paused: bool | None = Field(default=None, description="Null where it was disabled.")
    with_text: bool = Field(default=False, description="Whether message.received tells what a lead wrote.")

    @classmethod
    def of(cls, subscription: EventSubscription) -> Self:
        """Return a subscription as it is, in the form in which it is written."""
        paused = _PAUSED.get(subscription.status)
        return cls(**asdict(subscription), paused=paused)


_PAUSED = {SubscriptionStatus.ACTIVE: False, SubscriptionStatus.PAUSED: True}


class ChangedSubscription(AboutSubscription):
    """What changes of a subscription; what is left out stays. `paused: false` lets a disabled one go on, too."""

    url: Target | None = None
    types: Types | None = None
    paused: bool | None = None
    with_text: bool | None = None


class CreatedSubscription(BaseModel):
    """A subscription and the secret that its events are signed with, which is told this once."""

    subscription: SubscriptionBody
    secret: str

    @classmethod
    def of(cls, made: Subscribed) -> Self:
        """Return a subscription that was made, or given a new secret."""
        return cls(subscription=SubscriptionBody.of(made.subscription), secret=made.secret)


class DeliveryView(BaseModel):
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

    rows: list[DeliveryView]
    next: int | None


@router.get("/subscriptions")
def list_subscriptions(drip: ApiClient) -> list[SubscriptionBody]:
    """Return every subscription to events, without its secret."""
    return [SubscriptionBody.of(one) for one in drip.events.subscriptions()]


@router.post("/subscriptions")
def create_subscription(drip: ApiClient, wanted: SubscriptionBody) -> CreatedSubscription:
    """Have a program told what happens; the secret that signs its events is told this once."""
    made = drip.events.subscribe(wanted.url, wanted.types, with_text=wanted.with_text)
    if wanted.paused:
        made = replace(made, subscription=drip.events.change(made.subscription.id, paused=True))
    return CreatedSubscription.of(made)


@router.patch("/subscriptions/{subscription_id:int}")
def change_subscription(drip: ApiClient, subscription_id: Id, change: ChangedSubscription) -> SubscriptionBody:
    """Change where a subscription is told what happens, of what, or whether."""
    changed = drip.events.change(
        subscription_id, url=change.url, types=change.types, paused=change.paused, with_text=change.with_text
    )
    return SubscriptionBody.of(changed)


@router.post("/subscriptions/{subscription_id:int}/rotate")
def rotate_subscription(drip: ApiClient, subscription_id: Id) -> CreatedSubscription:
    """Give a subscription a new secret, told this once; the old one signs beside it for another day."""
    return CreatedSubscription.of(drip.events.rotate(subscription_id))


@router.delete("/subscriptions/{subscription_id:int}")
def end_subscription(drip: ApiClient, subscription_id: Id) -> Touched:
    """Tell a subscription nothing more, for good."""
    return Touched(touched=int(drip.events.end(subscription_id)))


@router.post("/subscriptions/{subscription_id:int}/test")
def test_subscription(drip: ApiClient, subscription_id: Id) -> DeliveryView:
    """Post a `ping` to a subscription at once, and return what it answered."""
    return delivery_view(asyncio.run(drip.events.send_ping(subscription_id)))


@router.get("/deliveries")
def list_deliveries(
    drip: ApiClient,
    subscription_id: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
    state: DeliveryState | None = None,
    after: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Deliveries:
    """List events on their way, and those of the last 30 days, the latest first."""
    found = drip.events.deliveries(subscription_id, state=state, after=after, most=size + 1)
    rows = [delivery_view(one) for one in found[:size]]
    return Deliveries(rows=rows, next=rows[-1].id if len(found) > size else None)


@router.post("/deliveries/{delivery_id:int}/redeliver")
def redeliver_event(drip: ApiClient, delivery_id: Id) -> Touched:
    """Have an event told again that was delivered or given up, under the id that it had."""
    return Touched(touched=int(drip.events.redeliver(delivery_id)))


def delivery_view(delivery: EventDelivery) -> DeliveryView:
    """Return a delivery as the API tells it."""
    return DeliveryView.model_validate(delivery)
