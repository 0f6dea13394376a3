"""No wake is lost: what comes due while something ends is found at once, and not at the next poll."""

import asyncio
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from dripline import Accepted, Dripline, Limits, Message, Outcome, Sequence, Step
from dripline.core.leads.address import AddressKind
from dripline.engine.clock import SystemClock
from dripline.engine.context import WorkerContext
from dripline.engine.processor import BATCHES_AT_ONCE, Processor
from dripline.engine.sending.claims import ClaimedBatch, UnpacedClaims
from dripline.engine.tasks import TaskSet
from dripline.simulate.virtual_loop import SimulatedClock, SimulatedLoop

FIRST, SECOND = "60120000001", "60120000002"
NO_TIME = timedelta(0)


class Slow:
    """Answers the first message after 20 seconds, and the others at once."""

    address_kind = AddressKind.ANY
    idempotent = False
    sends_at_once = 5

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self.sent_at: list[datetime] = []

    async def send(self, message: Message) -> Outcome:
        self.sent_at.append(self._clock.now())
        if len(self.sent_at) == 1:
            await self._clock.wait(asyncio.Event(), 20)
        return Accepted(f"{message.record_id}")


def test_a_slow_answer_holds_up_nobody_who_comes_after_it() -> None:
    with closing(SimulatedLoop()) as loop:
        clock = SimulatedClock(loop, datetime(2026, 1, 1, tzinfo=UTC))
        channel = Slow(clock)
        with Dripline("sqlite://", clock=clock, channels={"slow": channel}) as drip:
            drip.apply(Sequence("Warm", trigger="W", channel="slow", steps=[Step("Hi")]))
            drip.add_lead(phone=FIRST, triggers=["W"])
            loop.run_until_complete(_work_and_add(drip, clock))

            assert [at.second for at in channel.sent_at] == [0, 5]


async def _work_and_add(drip: Dripline, clock: SimulatedClock) -> None:
    working = asyncio.create_task(drip.run_async())
    await clock.wait(asyncio.Event(), 5)
    drip.add_lead(phone=SECOND, triggers=["W"])
    await clock.wait(asyncio.Event(), 30)
    drip.stop()
    await working


class Provider:
    """Says what it took."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, message: Message) -> Outcome:
        self.sent.append(message.to)
        return Accepted("id")


class HeldBack:
    """Claims that are a while on their way back when they found nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found_nothing = threading.Semaphore(0)
        self.may_go_on = threading.Event()
        claim = UnpacedClaims.claim

        def held_back(claims: UnpacedClaims, begin: int) -> ClaimedBatch:
            claimed = claim(claims, begin)
            if not claimed.claims:
                self.found_nothing.release()
                assert self.may_go_on.wait(10)
            return claimed

        monkeypatch.setattr(UnpacedClaims, "claim", held_back)


def test_what_comes_after_the_last_claim_of_those_who_send_is_not_left_to_the_poll(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass finds it, and those who have just looked and not ended yet are all there may be."""
    provider = Provider()
    with Dripline(url, channels={"console": provider}) as drip:
        drip.apply(Sequence("One", trigger="ONE", steps=[Step("Hi")]))
        drip.add_lead(phone=FIRST, triggers=["ONE"])
        asyncio.run(_add_behind_their_backs(drip, provider, HeldBack(monkeypatch)))

        assert provider.sent == [FIRST, SECOND]


async def _add_behind_their_backs(drip: Dripline, provider: Provider, held_back: HeldBack) -> None:
    database = drip._session.database  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # the processor's own connection
    context = WorkerContext.on(database, SystemClock(), worker="w", limits=Limits())
    processor = Processor(context, {"console": provider})
    async with processor.at_work(asyncio.Event()):
        await processor.run_pass(wait=NO_TIME)
        for _ in range(BATCHES_AT_ONCE):
            await asyncio.to_thread(held_back.found_nothing.acquire)
        drip.add_lead(phone=SECOND, triggers=["ONE"])
        await processor.run_pass(wait=NO_TIME)
        held_back.may_go_on.set()


def test_what_ends_after_the_last_look_of_whoever_attends_wakes() -> None:
    async def end_unseen() -> int:
        woken = 0

        def wake() -> None:
            nonlocal woken
            woken += 1

        tasks = TaskSet(wake)
        with tasks.attended():
            tasks.start(asyncio.sleep(0))  # noqa: TID251  (ends at once)
            for _ in range(3):
                await asyncio.sleep(0)  # noqa: TID251  (no time passes)
        return woken

    assert asyncio.run(end_unseen()) == 1
