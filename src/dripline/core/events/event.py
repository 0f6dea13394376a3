"""Events: what happens in dripline, as other programs are told of it: what is told, and when it is tried again.

An event names people by their ids, never by number or address. What they wrote is told only to a subscription that asks
for it (`with_text`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dripline.core.reason import ReasonCode
from dripline.core.time.schedule import backoff
from dripline.errors import InvalidSubscription

GIVE_UP_AFTER = timedelta(days=3)
"""For how long an event is tried to be delivered."""

DISABLE_AFTER = timedelta(days=5)
"""A subscription that took nothing for so long is told nothing more."""

DELIVERY_RETENTION = timedelta(days=30)
"""How long a delivery is kept that was taken or given up."""

REST_FIRST = timedelta(seconds=5)
REST_LIMIT = timedelta(minutes=5)

PING = "ping"
"""The type of the event that a test sends; nobody subscribes to it."""


class EventType(StrEnum):
    """What can be subscribed to."""

    LEAD_ENROLLED = "lead.enrolled"
    LEAD_REPLIED = "lead.replied"
    MESSAGE_RECEIVED = "message.received"
    LEAD_OPTED_OUT = "lead.opted_out"
    LEAD_OPTED_IN = "lead.opted_in"
    LEAD_FORGOTTEN = "lead.forgotten"
    RECORD_COMPLETED = "record.completed"
    RECORD_FAILED = "record.failed"
    RECORD_DELIVERY = "record.delivery"
    ENROLLMENT_ENDED = "enrollment.ended"
    SENDER_PAUSED = "sender.paused"
    SENDER_RESUMED = "sender.resumed"
    SENDER_BROKEN = "sender.broken"
    SENDER_RECOVERED = "sender.recovered"
    SENDER_ARCHIVED = "sender.archived"
    SENDER_ANSWERS_ONLY = "sender.answers_only"


class DeliveryState(StrEnum):
    """How far the delivery of an event is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class SubscriptionStatus(StrEnum):
    """Whether a subscription is told what happens. `disabled`: it took nothing for `DISABLE_AFTER`, or is gone."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class EventSubscription:
    """A program that is told of events of some types, by posts to its URL.

    `with_text`: whether it is told what people wrote, beside that they did. `failing_since`: since when it has taken
    nothing that it was told. `waiting`: how many events wait to be delivered.
    """

    id: int
    url: str = field(kw_only=True, repr=False)
    types: tuple[EventType, ...] = field(kw_only=True)
    with_text: bool = field(default=False, kw_only=True)
    status: SubscriptionStatus = field(kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    reason_code: ReasonCode | None = field(default=None, kw_only=True)
    reason_facts: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True, hash=False)
    created_at: datetime = field(kw_only=True)
    failing_since: datetime | None = field(default=None, kw_only=True)
    waiting: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription and the secret that its events are signed with, which is told this once."""

    subscription: EventSubscription
    secret: str = field(kw_only=True, repr=False)


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """One event on its way to one subscription, and what became of its last try.

    `status_code`: what the receiver answered last. `next_at`: when it is tried next, while it is waiting.
    """

    id: int
    subscription_id: int = field(kw_only=True)
    type: str = field(kw_only=True)
    happened_at: datetime = field(kw_only=True)
    about: Mapping[str, object] = field(kw_only=True, hash=False)
    state: DeliveryState = field(kw_only=True)
    tries: int = field(default=0, kw_only=True)
    failures: int = field(default=0, kw_only=True)
    next_at: datetime | None = field(default=None, kw_only=True)
    ended_at: datetime | None = field(default=None, kw_only=True)
    status_code: int | None = field(default=None, kw_only=True)
    error: str | None = field(default=None, kw_only=True)

    @property
    def webhook_id(self) -> str:
        """The id by which a receiver knows a second copy: the same on every try, and nobody else's anywhere."""
        return f"evt_{self.subscription_id}_{self.id}"

    def body(self) -> str:
        """Return what is posted, the same on every try."""
        content = {"type": self.type, "timestamp": f"{self.happened_at:%Y-%m-%dT%H:%M:%SZ}", "data": dict(self.about)}
        return json.dumps(content, ensure_ascii=False)


def checked_types(types: tuple[str, ...]) -> tuple[EventType, ...]:
    """Return types of events, each once, in the order in which they are listed here.

    Raises:
        InvalidSubscription: There is none, or nothing of that type is ever told.
    """
    unknown = next((name for name in types if name not in set(EventType)), None)
    if unknown is not None:
        raise InvalidSubscription(
            f"There are no events of the type {unknown[:40]!r}: write some of {', '.join(EventType)}."
        )
    if not types:
        raise InvalidSubscription(f"No type of event is named: write some of {', '.join(EventType)}.")
    return tuple(kind for kind in EventType if kind in types)


def wait_after(delivery_id: int, tries: int, failures: int) -> timedelta:
    """Return how long after a failed try an event is tried again: as a message is."""
    return backoff(delivery_id, tries, failures)


def rest_after(failures: int, asked: timedelta | None = None) -> timedelta:
    """Return how long a subscription rests that took nothing so many times in a row; longer where it `asked` for it."""
    rest = min(REST_LIMIT, REST_FIRST * 2 ** min(failures - 1, 10))
    return rest if asked is None else max(rest, asked)
