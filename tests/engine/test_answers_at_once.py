"""A channel that answers at once begins whole batches; one that takes its time after all keeps nothing it began."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dripline import Accepted, Dripline, Limits, Message, NewLead, Outcome, Sequence, Step, VirtualClock
from dripline.engine.sending.channel_slots import batch_size

AT_ONCE = 2
BATCH = batch_size(AT_ONCE, Limits())
LEADS = 5 * BATCH
PATIENCE = 20.0


class Turning:
    """A provider that answers the first messages at once, and then only when it is told to."""

    sends_at_once = AT_ONCE

    def __init__(self, quick: int) -> None:
        self.quick = quick
        self.accepted: list[str] = []
        self.asked = threading.Event()
        self.released = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._waiting = 0

    async def send(self, message: Message) -> Outcome:
        if len(self.accepted) >= self.quick:
            self.loop = asyncio.get_running_loop()
            self._waiting += 1
            if self._waiting == AT_ONCE:
                self.asked.set()
            await self.released.wait()
        self.accepted.append(message.to)
        return Accepted(f"id-{message.record_id}")


def sent_after_all_left(drip: Dripline, hand: Dripline, channel: Turning) -> int:
    """Return how many were sent after everybody left while the first that waited were being sent."""
    with ThreadPoolExecutor(1) as pool:
        passing = pool.submit(drip.tick)
        assert channel.asked.wait(PATIENCE)
        before = len(channel.accepted)
        for number in range(LEADS):
            hand.opt_out(phone=f"6012345{number:04d}")
        assert channel.loop is not None
        channel.loop.call_soon_threadsafe(channel.released.set)
        passing.result(PATIENCE)
    return len(channel.accepted) - before


def enroll(drip: Dripline, text: Callable[[int], str]) -> None:
    drip.apply(Sequence("One", trigger="ONE", steps=[Step("{{ name | default('') }}")]))
    drip.add_leads([NewLead(f"6012345{number:04d}", name=text(number), triggers=("ONE",)) for number in range(LEADS)])


def test_who_leaves_gets_nothing_of_a_channel_that_used_to_answer_at_once(url: str, clock: VirtualClock) -> None:
    channel = Turning(quick=2 * BATCH)
    with Dripline(url, clock=clock, channels={"console": channel}) as drip, Dripline(url, clock=clock) as hand:
        enroll(drip, lambda _: "Aina")

        # What is being sent, and what has begun to be sent of the batch beside it.
        assert sent_after_all_left(drip, hand, channel) <= 2 * AT_ONCE
        assert drip.verify() == []


def test_a_batch_of_which_nothing_is_sent_says_nothing_of_its_channel(url: str, clock: VirtualClock) -> None:
    channel = Turning(quick=0)
    with Dripline(url, clock=clock, channels={"console": channel}) as drip, Dripline(url, clock=clock) as hand:
        enroll(drip, lambda number: "" if number < 2 * BATCH else "Aina")

        assert sent_after_all_left(drip, hand, channel) <= 2 * AT_ONCE
