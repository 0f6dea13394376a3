"""A batch: its limits hold together, and every answer is settled, whenever it comes."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime

import pytest

from dripline import Accepted, Dripline, Limits, Message, NewLead, Outcome, SenderUnavailable, Sequence, Step
from dripline.core.leads.address import AddressKind
from dripline.engine.processor import BATCHES_AT_ONCE
from dripline.engine.sending.channel_slots import batch_size
from dripline.simulate.virtual_loop import SimulatedClock, SimulatedLoop


@pytest.mark.parametrize("connections", [1, 5, 10, 99, 100, 5_000])
def test_a_batch_at_its_slowest_ends_within_half_its_lease(connections: int) -> None:
    limits = Limits()
    rounds = -(-batch_size(connections, limits) // connections)

    assert 1 <= batch_size(connections, limits) <= limits.batch
    assert rounds * limits.send_timeout <= limits.lease / 2


class Uneven:
    """Answers each message a second later than the one before."""

    address_kind = AddressKind.ANY
    idempotent = False
    sends_at_once = 4

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self.many = 0

    async def send(self, message: Message) -> Outcome:
        self.many += 1
        await self._clock.wait(asyncio.Event(), self.many)
        return Accepted(f"{message.record_id}")


def test_an_answer_that_comes_while_others_are_being_settled_is_settled_too() -> None:
    with closing(SimulatedLoop()) as loop:
        clock = SimulatedClock(loop, datetime(2026, 1, 1, tzinfo=UTC))
        channel = Uneven(clock)
        with Dripline("sqlite://", clock=clock, channels={"uneven": channel}) as drip:
            drip.apply(Sequence("Warm", trigger="W", channel="uneven", steps=[Step("Hi")]))
            drip.add_leads([NewLead(f"6012000000{place}", triggers=("W",)) for place in range(9)])
            # Every call to the database takes longer than the time between two answers.
            loop.stall = lambda: 0.7
            loop.run_until_complete(_work(drip, clock, seconds=60))

            assert drip.reports.counts()["completed"] == channel.many == 9


async def _work(drip: Dripline, clock: SimulatedClock, *, seconds: float) -> None:
    working = asyncio.create_task(drip.run_async())
    await clock.wait(asyncio.Event(), seconds)
    drip.stop()
    async with asyncio.timeout(60):
        await working


class Out:
    """Says of every message that its account cannot send."""

    address_kind = AddressKind.ANY
    idempotent = False
    sends_at_once = 5

    def __init__(self, clock: SimulatedClock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self.asked = 0

    async def send(self, message: Message) -> Outcome:
        self.asked += 1
        await self._clock.wait(asyncio.Event(), self._seconds)
        return SenderUnavailable(f"out of credit for {message.to}")


def test_a_channel_that_gave_out_is_asked_for_nothing_but_what_is_on_its_way() -> None:
    with closing(SimulatedLoop()) as loop:
        clock = SimulatedClock(loop, datetime(2026, 1, 1, tzinfo=UTC))
        channel, limits = Out(clock, seconds=1), Limits(batch=5)
        with Dripline("sqlite://", clock=clock, channels={"out": channel}, limits=limits) as drip:
            drip.apply(Sequence("Warm", trigger="W", channel="out", steps=[Step("Hi")]))
            drip.add_leads([NewLead(f"60120000{place:03}", triggers=("W",)) for place in range(50)])
            loop.run_until_complete(_work(drip, clock, seconds=30))

            assert channel.asked == channel.sends_at_once


def test_slow_answers_do_not_let_claims_pile_up() -> None:
    with closing(SimulatedLoop()) as loop:
        clock = SimulatedClock(loop, datetime(2026, 1, 1, tzinfo=UTC))
        channel, limits = Out(clock, seconds=25), Limits(batch=5)
        with Dripline("sqlite://", clock=clock, channels={"out": channel}, limits=limits) as drip:
            drip.apply(Sequence("Warm", trigger="W", channel="out", steps=[Step("Hi")]))
            drip.add_leads([NewLead(f"60120000{place:03}", triggers=("W",)) for place in range(50)])
            in_flight = loop.run_until_complete(_look_after(drip, clock, seconds=20))

            assert in_flight == BATCHES_AT_ONCE * limits.batch


async def _look_after(drip: Dripline, clock: SimulatedClock, *, seconds: float) -> int:
    working = asyncio.create_task(drip.run_async())
    await clock.wait(asyncio.Event(), seconds)
    in_flight = drip.reports.counts()["sending"]
    drip.stop()
    async with asyncio.timeout(60):
        await working
    return in_flight
