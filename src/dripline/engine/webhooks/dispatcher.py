"""Events on their way to whoever subscribed, beside the passes; a receiver that hangs holds up no message and no other.

Each event is taken in the database before it is posted, and what was answered is written afterwards: a worker that dies
in between has it posted again, under the id that it had.
"""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from dripline.core.events.event import EventDelivery
from dripline.core.safe_errors import wordless
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.errors import DatabaseProblem
from dripline.store.events.deliveries import Deliveries, PostResult
from dripline.store.events.subscriptions import Receiver

LOOK_EVERY = timedelta(seconds=1)
"""How often it is looked for events while anybody has subscribed."""

IDLE_EVERY = timedelta(seconds=15)
"""How often it is looked whether anybody has."""

LET_GO_EVERY = timedelta(hours=1)

_log = logging.getLogger("dripline.events")


class EventPosts(Protocol):
    """Posts events, and says what was answered; it raises for nothing that a receiver does."""

    async def post(self, receiver: Receiver, delivery: EventDelivery) -> PostResult:
        """Post an event once."""
        ...

    async def aclose(self) -> None:
        """Give every connection back."""
        ...


class EventDispatcher:
    """Delivers events for one worker, posted by `posts`."""

    def __init__(self, deliveries: Deliveries, posts: EventPosts, clock: Clock) -> None:
        self._deliveries = deliveries
        self._posts = posts
        self._clock = clock
        self._rounds: dict[int, asyncio.Task[None]] = {}
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
            answer = await self._posts.post(receiver, delivery)
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
        while is_taking and (leased := await asyncio.to_thread(self._take, receiver)):
            answers = await asyncio.gather(*(self._posts.post(receiver, delivery) for delivery in leased))
            is_taking = await asyncio.to_thread(self._note, receiver, answers)
            _log_refused(answers)

    # The clock is read in the thread that writes it, as everywhere.

    def _take(self, receiver: Receiver) -> list[EventDelivery]:
        return self._deliveries.take(receiver, self._now())

    def _note(self, receiver: Receiver, answers: list[PostResult]) -> bool:
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
        await self._posts.aclose()

    def _now(self) -> datetime:
        return whole_second(self._clock.now())


def _log_refused(answers: Iterable[PostResult]) -> None:
    for one in answers:
        if one.problem is not None:
            _log.warning(
                "event.not_taken delivery_id=%s subscription_id=%s status_code=%s",
                one.delivery.id,
                one.delivery.subscription_id,
                one.status_code,
            )
