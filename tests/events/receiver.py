"""A program that is told of events: a real HTTP server that checks what it is sent, beside a dripline that tells it."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from standardwebhooks.webhooks import Webhook

from dripline import Dripline, EventSigning, EventSubscription, FakeChannel, Sequence, Step, SystemClock, VirtualClock
from support.endpoint import Endpoint, serving

MASTER = "what-secrets-are-made-of-" + "0f1e2d3c4b5a"
PHONE = "60123456789"

POSTING = EventSigning(MASTER, allow_private_targets=True)

Event = dict[str, Any]


class Told:
    """A dripline with one subscription, and the receiver that it is told by."""

    def __init__(self, url: str, endpoint: Endpoint, *types: str, fake: FakeChannel) -> None:
        # Signatures are good for minutes, by the clock of whoever verifies.
        self.clock = VirtualClock(SystemClock().now())
        self.url, self.endpoint, self.fake = url, endpoint, fake
        self.drip = self.opened()
        made = self.drip.events.subscribe(endpoint.url, types)
        self.secret, self.id = made.secret, made.subscription.id

    def opened(self) -> Dripline:
        return Dripline(self.url, clock=self.clock, channels={"console": self.fake}, posting=POSTING)

    def enroll(self, phone: str = PHONE, steps: int = 1) -> None:
        waits = [Step(f"Step {number}", "0s" if number == 1 else "12h") for number in range(1, steps + 1)]
        self.drip.apply(Sequence("Warm", trigger="WARM", steps=waits))
        self.drip.add_lead(phone=phone, triggers=["WARM"])

    def pass_time(self, span: timedelta) -> None:
        self.clock.advance(span)
        self.drip.tick()

    def events(self) -> list[Event]:
        """What the receiver was told, each with its signature verified."""
        return [Webhook(self.secret).verify(body, headers) for headers, body in self.endpoint.requests]

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.endpoint.requests]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.endpoint.requests]

    def subscription(self) -> EventSubscription:
        return self.drip.events.subscriptions()[0]


@contextmanager
def telling(url: str, *types: str, fake: FakeChannel | None = None) -> Generator[Told]:
    """Subscribe a receiver of its own."""
    with serving() as endpoint:
        told = Told(url, endpoint, *types, fake=fake or FakeChannel())
        with told.drip:
            yield told
