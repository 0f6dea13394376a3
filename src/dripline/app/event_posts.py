"""How an outgoing event is posted: signed, over connections that lead where the URL of its receiver was checked."""

import logging
from datetime import datetime

from standardwebhooks.webhooks import Webhook

from dripline.channels.http.client import TOO_MANY, HttpResponse, retry_after
from dripline.channels.http.guarded import GuardedConnections
from dripline.channels.http.signing import signed_headers
from dripline.core.events.event import EventDelivery
from dripline.core.events.posting import EventSigning
from dripline.core.safe_errors import wordless
from dripline.core.text import as_text
from dripline.engine.clock import Clock
from dripline.store.events.deliveries import PostResult
from dripline.store.events.subscriptions import Receiver

POST_TIMEOUT = 10.0
"""How long a receiver may take over one event, in seconds."""

BODY_LIMIT = 200
"""How many characters are kept of an answer that is a refusal."""

_GONE = 410
_BUSY = frozenset({TOO_MANY, 503})

_log = logging.getLogger("dripline.events")


class SignedPosts:
    """Posts events to the programs that subscribed, one connection pool each, so that none waits for another's."""

    def __init__(self, posting: EventSigning, clock: Clock) -> None:
        self._posting = posting
        self._clock = clock
        self._connections: dict[tuple[int, str], GuardedConnections] = {}

    async def post(self, receiver: Receiver, delivery: EventDelivery) -> PostResult:
        """Post an event once, and return what was answered."""
        body = delivery.body()
        secrets = (self._posting.secret_of(receiver.subscription_id, made) for made in receiver.generations)
        headers = signed_headers(delivery.webhook_id, body, self._clock.now(), map(Webhook, secrets))
        try:
            answer = await self._connected(receiver).post(receiver.url, body, headers)
        except Exception as error:  # noqa: BLE001  (the edge of a loop: one event stops none of the others)
            _log.error("event.not_posted delivery_id=%s", delivery.id, exc_info=wordless(error))
            return PostResult(delivery, problem=f"it could not be posted ({type(error).__name__})")
        if isinstance(answer, HttpResponse):
            return _read(delivery, answer, self._clock.now())
        return PostResult(delivery, problem=answer.error)

    async def aclose(self) -> None:
        """Give every connection back."""
        for connections in self._connections.values():
            await connections.aclose()
        self._connections.clear()

    def _connected(self, receiver: Receiver) -> GuardedConnections:
        key = receiver.subscription_id, receiver.url
        if key not in self._connections:
            self._connections[key] = GuardedConnections(
                allow_private=self._posting.allow_private_targets, timeout=POST_TIMEOUT
            )
        return self._connections[key]


def _read(delivery: EventDelivery, answer: HttpResponse, now: datetime) -> PostResult:
    if answer.is_success:
        return PostResult(delivery, status_code=answer.status)
    beginning = as_text(answer.body.decode("utf-8", "replace"), BODY_LIMIT)
    return PostResult(
        delivery,
        status_code=answer.status,
        problem=f"the receiver answered {answer.status}: {beginning}".rstrip(": "),
        is_gone=answer.status == _GONE,
        rest=retry_after(answer, now) if answer.status in _BUSY else None,
    )
