"""The provider of a simulated world."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rules_of_the_world import GAP, HOT_WINDOW, LIMITS, RULES

from dripline import (
    Accepted,
    Message,
    Outcome,
    Rejected,
    RetryLater,
    Unknown,
)

if TYPE_CHECKING:
    from world import World


class Provider:
    """Takes messages in its own time, and goes on with what it was handed when whoever handed it over is gone."""

    def __init__(self, world: "World") -> None:
        self.log: list[tuple[int, int, datetime]] = []
        self.offered: list[int] = []
        self._world = world
        self._awaited: dict[tuple[int, int], tuple[int, datetime]] = {}
        self._handed_by: dict[str, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, message: Message) -> Outcome:
        self._hold_against_stops(message)
        self._hold_against_window(message)
        self._hold_against_others(message)
        self._hold_against_pace(message)
        self.offered.append(message.record_id)
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._take(message, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(answer)
        finally:
            del self._awaited[message.record_id, message.attempt]

    def _hold_against_stops(self, message: Message) -> None:
        """A stop that was committed before the claim wins; what was claimed before it still goes."""
        enrollment, _ = self._world.claim_of(message)
        for in_flight in (self._world.stopped.get(message.lead.id), self._world.left.get(enrollment)):
            if in_flight is not None and (message.record_id, message.attempt) not in in_flight:
                self._world.seen.append(f"record {message.record_id} was claimed after its lead had stopped")

    def _hold_against_window(self, message: Message) -> None:
        """What goes by a window was claimed inside it."""
        _, claimed_at = self._world.claim_of(message)
        if message.sequence == "HOT" and not HOT_WINDOW.is_open(claimed_at, RULES["HOT"]["zone"]):
            self._world.seen.append(f"record {message.record_id} was claimed outside its window")

    def _hold_against_others(self, message: Message) -> None:
        """Two tries for one enrollment at once are only right if the lease of the first had ended."""
        enrollment, started_at = self._world.claim_of(message)
        now = self._world.clock.now()
        for (record, attempt), (other, began_at) in self._awaited.items():
            if other == enrollment and now - began_at < LIMITS.lease:
                self._world.seen.append(f"try {attempt} of {record} is under way, and its enrollment is sent to again")
        self._awaited[message.record_id, message.attempt] = enrollment, started_at

    def _hold_against_pace(self, message: Message) -> None:
        now = self._world.clock.now()
        if message.sender is not None:
            last = self._handed_by.get(message.sender)
            if last is not None and now - last < GAP:
                self._world.seen.append(f"{message.sender} was handed a message {now - last} after the last one")
            self._handed_by[message.sender] = now

    async def _take(self, message: Message, answer: "asyncio.Future[Outcome]") -> None:
        chance = self._world.chance
        await self._dawdle()
        if self._world.is_rough and chance.happens(0.1):
            self._world.opt_out(message.to)
        elif self._world.is_rough and chance.happens(0.05):
            self._world.meddle(message.lead.id)
        refusal = chance.pick(REFUSALS) if self._world.is_rough and chance.happens(0.15) else None
        if refusal is None:
            self.log.append((message.record_id, message.step, self._world.clock.now()))
            self._world.receipt(message.record_id)
            await self._dawdle()
        if not answer.done():
            answer.set_result(refusal or Accepted(f"id-{message.record_id}"))

    async def _dawdle(self) -> None:
        """Answer at once, or within a minute, or later than any lease."""
        if self._world.is_rough:
            seconds = self._world.chance.pick((0.0, 0.0, 0.5, 5.0, 15.0, 30.0, 200.0))
            await asyncio.sleep(seconds)  # noqa: TID251  (on the loop's own time)


REFUSALS: tuple[Outcome, ...] = (
    RetryLater("busy"),
    RetryLater("busy", after=timedelta(minutes=5)),
    Rejected("bad text"),
    Rejected("no such number", scope="contact"),
    Rejected("has blocked us", scope="contact", suppress=True),
    Unknown("hung up"),
)
