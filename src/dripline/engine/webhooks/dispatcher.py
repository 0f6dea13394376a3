"""Events on their way to whoever subscribed, beside the passes; a receiver that hangs holds up no message and no other.

Each event is taken in the database before it is posted, and what was answered is written afterwards: a worker that dies
in between has it posted again, under the id that it had.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from standardwebhooks.webhooks import Webhook

from dripline.channels.http.channel import signed_headers
from dripline.channels.http.client import TOO_MANY, Answer, retry_after
from dripline.channels.http.guarded import GuardedConnections, Resolve, resolved
from dripline.core.events.event import EventDelivery
from dripline.core.events.posting import Posting
from dripline.core.text import as_text
from dripline.core.time.schedule import whole_second
from dripline.core.wordless import wordless
from dripline.engine.clock import Clock
from dripline.errors import DatabaseProblem
from dripline.store.events.deliveries import Answered, Deliveries
from dripline.store.events.subscriptions import Receiver

LOOK_EVERY = timedelta(seconds=1)
"""How often it is looked for events while anybody has subscribed."""

IDLE_EVERY = timedelta(seconds=15)
"""How often it is looked whether anybody has."""

LET_GO_EVERY = timedelta(hours=1)

POST_TIMEOUT = 10.0
"""How long a receiver may take over one event, in seconds."""

BODY_KEPT = 200
"""How many characters are kept of an answer that is a refusal."""

_GONE = 410
_BUSY = frozenset({TOO_MANY, 503})

_log = logging.getLogger("dripline.events")


class EventDispatcher:
    """Delivers events for one worker."""

    def __init__(self, deliveries: Deliveries, posting: Posting, clock: Clock, *, resolve: Resolve = resolved) -> None:
        self._deliveries = deliveries
        self._posting = posting
        self._clock = clock
        self._resolve = resolve
        self._rounds: dict[int, asyncio.Task[None]] = {}
        self._connections: dict[tuple[int, str], GuardedConnections] = {}
        self._let_go_at: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver what is due, to each receiver on its own, until `stop` or until cancelled."""
        try:
            while not stop.is_set():
                is_wanted = await self._attended()
                await self._clock.wait(stop, (LOOK_EVERY if is_wanted else IDLE_EVERY).total_seconds())
        finally:
            await self._closed()

    async def once(self) -> None:
        """Deliver what is due now, to all receivers at once."""
        try:
            await self._attended()
            while self._rounds:
                await asyncio.wait(self._rounds.values())
                self._collect()
        finally:
            await self._closed()

    async def ping(self, receiver: Receiver) -> EventDelivery:
        """Post the event of a test at once, and return what became of it."""
        try:
            delivery = await asyncio.to_thread(lambda: self._deliveries.begin_ping(receiver, self._now()))
            answer = await self._post(receiver, delivery)
            return await asyncio.to_thread(lambda: self._deliveries.end_ping(answer, self._now()))
        finally:
            await self._closed()

    async def _attended(self) -> bool:
        """Look, and return whether anybody has subscribed; a database that is away is asked again the next time."""
        self._collect()
        try:
            await self._look()
            return await asyncio.to_thread(self._deliveries.is_anything_wanted)
        except DatabaseProblem as problem:
            _log.warning("events.failed error=%s", problem)
        except Exception:  # noqa: BLE001  (the edge of a loop: sending goes on whatever is wrong here)
            _log.exception("events.failed")
        return False

    async def _look(self) -> None:
        """Begin with the receivers that have something due, and that nothing is under way to."""
        for receiver in await asyncio.to_thread(lambda: self._deliveries.due(self._now())):
            if receiver.subscription_id not in self._rounds:
                self._rounds[receiver.subscription_id] = asyncio.create_task(self._deliver(receiver))
        await asyncio.to_thread(self._let_go)

    async def _deliver(self, receiver: Receiver) -> None:
        """Deliver what is due to one receiver, a few at a time, for as long as it takes them."""
        is_taking = True
        while is_taking and (taken := await asyncio.to_thread(self._take, receiver)):
            answers = await asyncio.gather(*(self._post(receiver, delivery) for delivery in taken))
            is_taking = await asyncio.to_thread(self._note, receiver, answers)
            _tell(answers)

    async def _post(self, receiver: Receiver, delivery: EventDelivery) -> Answered:
        body = delivery.body()
        secrets = (self._posting.secret_of(receiver.subscription_id, made) for made in receiver.generations)
        headers = signed_headers(delivery.webhook_id, body, self._clock.now(), map(Webhook, secrets))
        try:
            answer = await self._connected(receiver).post(receiver.url, body, headers)
        except Exception as error:  # noqa: BLE001  (the edge of a loop: one event stops none of the others)
            _log.error("event.not_posted delivery_id=%s", delivery.id, exc_info=wordless(error))
            return Answered(delivery, problem=f"it could not be posted ({type(error).__name__})")
        if isinstance(answer, Answer):
            return _read(delivery, answer, self._clock.now())
        return Answered(delivery, problem=answer.error)

    def _connected(self, receiver: Receiver) -> GuardedConnections:
        """Return the connections to a receiver: its own, so that none waits for another's."""
        key = receiver.subscription_id, receiver.url
        if key not in self._connections:
            self._connections[key] = GuardedConnections(
                allow_private=self._posting.allow_private_targets, timeout=POST_TIMEOUT, resolve=self._resolve
            )
        return self._connections[key]

    # The clock is read in the thread that writes it, as everywhere.

    def _take(self, receiver: Receiver) -> list[EventDelivery]:
        return self._deliveries.take(receiver, self._now())

    def _note(self, receiver: Receiver, answers: list[Answered]) -> bool:
        return self._deliveries.note(receiver, answers, self._now())

    def _let_go(self) -> None:
        """Let go a batch of what is long over; once an hour, and at each look while there is more."""
        now = self._now()
        if self._let_go_at is None or now - self._let_go_at >= LET_GO_EVERY:
            self._let_go_at = None if self._deliveries.let_go(now) else now

    def _collect(self) -> None:
        """Take out the receivers with which it is done; what went wrong there is tried again once it is due."""
        for subscription_id, task in [*self._rounds.items()]:
            if task.done():
                del self._rounds[subscription_id]
                if not task.cancelled() and (error := task.exception()) is not None:
                    _log.error("events.failed subscription_id=%s", subscription_id, exc_info=wordless(error))

    async def _closed(self) -> None:
        """Give everything back, also where the end of the passes cuts this off in the middle of it."""
        closing = asyncio.ensure_future(self._close())
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing
            raise

    async def _close(self) -> None:
        for task in self._rounds.values():
            task.cancel()
        await asyncio.gather(*self._rounds.values(), return_exceptions=True)
        self._rounds.clear()
        for connections in self._connections.values():
            await connections.aclose()
        self._connections.clear()

    def _now(self) -> datetime:
        return whole_second(self._clock.now())


def _read(delivery: EventDelivery, answer: Answer, now: datetime) -> Answered:
    if answer.is_success:
        return Answered(delivery, status_code=answer.status)
    beginning = as_text(answer.body.decode("utf-8", "replace"), BODY_KEPT)
    return Answered(
        delivery,
        status_code=answer.status,
        problem=f"the receiver answered {answer.status}: {beginning}".rstrip(": "),
        is_gone=answer.status == _GONE,
        rest=retry_after(answer, now) if answer.status in _BUSY else None,
    )


def _tell(answers: Iterable[Answered]) -> None:
    for one in answers:
        if one.problem is not None:
            _log.warning(
                "event.not_taken delivery_id=%s subscription_id=%s status_code=%s",
                one.delivery.id,
                one.delivery.subscription_id,
                one.status_code,
            )
