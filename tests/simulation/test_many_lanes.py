"""Many senders, each with its pace, on simulated time: counted from what the provider was handed, by whom and when.

`make test` runs a small edition; `make lanes` 3,000 senders and 300,000 due records.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from simulated_time import START

from dripline import Accepted, Message, NewLead, Outcome, Pace, Sender, Sequence, Step
from dripline.core.leads.address import AddressKind
from dripline.core.senders.lane import Lane
from dripline.core.time.schedule import whole_second
from dripline.engine.context import WorkerContext
from dripline.engine.limits import Limits
from dripline.engine.processor import Processor
from dripline.engine.worker import Runner
from dripline.simulate.virtual_loop import SimulatedClock, SimulatedLoop
from dripline.store.database.connect import connect
from dripline.store.enrollments.store import Store
from dripline.store.migrations.migrate import migrate
from dripline.store.senders.senders import Senders
from dripline.store.sequences.in_flight import Reached
from dripline.store.sequences.sequences import Sequences

FULL = os.environ.get("DRIPLINE_LANES") == "full"
SENDERS, RECORDS = (3_000, 300_000) if FULL else (30, 3_000)
PACE = Pace(gap="10s-30s", hourly_cap=90)
HANGS = "s0"
SECOND = timedelta(seconds=1)


class Provider:
    """Accepts everything at once, but for one sender, for whom it never answers."""

    def __init__(self, clock: SimulatedClock, *, hangs: bool) -> None:
        self.handed: dict[str, list[datetime]] = defaultdict(list)
        self._clock = clock
        self._hangs = hangs

    async def send(self, message: Message) -> Outcome:
        assert message.sender is not None
        self.handed[message.sender].append(self._clock.now())
        if self._hangs and message.sender == HANGS:
            await asyncio.Event().wait()
        return Accepted("id")


class Shop:
    """Senders with a backlog that is due at once, and workers that come and go."""

    def __init__(self, loop: SimulatedLoop, url: str, *, hangs: bool) -> None:
        self.clock = SimulatedClock(loop, START)
        self.provider = Provider(self.clock, hangs=hangs)
        self.database = connect(url)
        migrate(self.database, 2**40)
        now = whole_second(self.clock.now())
        store = Store(self.database, lambda: now)
        for number in range(SENDERS):
            Senders(self.database, store).apply(Sender(f"s{number}", channel="wa", pool="sales", pace=PACE), now)
        sequence = Sequence("Warm", trigger="WARM", senders=["sales"], channel="wa", steps=[Step("Hi")])
        Sequences(self.database, store).apply(sequence, Reached(AddressKind.ANY), now)
        for start in range(0, RECORDS, 5_000):
            numbers = range(start, min(start + 5_000, RECORDS))
            store.add_leads([NewLead(f"6012{number:07d}", triggers=("WARM",)) for number in numbers], now)

    async def work(self, workers: int, seconds: float) -> None:
        """Let workers work for so long, then end them as a crash would."""
        tasks = [asyncio.create_task(self._worker(f"w{number}")) for number in range(workers)]
        await asyncio.sleep(seconds)  # noqa: TID251  (on the loop's own time)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _worker(self, name: str) -> None:
        context = WorkerContext.on(self.database, self.clock, worker=name, limits=Limits())
        channels = {"wa": self.provider}
        await Runner(Processor(context, channels), context.store, self.clock).run(lambda _report: None, channels)


@pytest.fixture
def loop() -> Iterator[SimulatedLoop]:
    with closing(SimulatedLoop()) as made:
        yield made


def gaps(provider: Provider, sender: str) -> list[timedelta]:
    return [later - earlier for earlier, later in pairwise(provider.handed[sender])]


def hold_against_pace(provider: Provider) -> None:
    """No gap shorter than the shortest, no window of an hour with more than the cap, for any sender."""
    for sender, times in provider.handed.items():
        assert min(gaps(provider, sender), default=10 * SECOND) >= 10 * SECOND, sender
        assert all(later - earlier >= timedelta(hours=1) for earlier, later in zip(times, times[90:], strict=False))


def test_no_gap_or_cap_is_broken_and_a_lane_that_hangs_holds_up_no_other(loop: SimulatedLoop) -> None:
    shop = Shop(loop, "sqlite://", hangs=True)
    loop.run_until_complete(shop.work(2, 5_400))
    others = {sender: gaps(shop.provider, sender) for sender in shop.provider.handed if sender != HANGS}
    sent = sum(map(len, shop.provider.handed.values()))
    within_the_hour = [gap for of_sender in others.values() for gap in of_sender[:80]]
    print(f"{len(others) + 1} senders, {sent} messages, gaps {min(within_the_hour)} to {max(within_the_hour)}")

    hold_against_pace(shop.provider)
    assert len(others) == SENDERS - 1
    assert all(len(of_sender) == RECORDS // SENDERS - 1 for of_sender in others.values())
    # A hanging message takes 30 s to be given up. Nobody else rests longer than the longest gap for it.
    assert max(within_the_hour) <= 31 * SECOND
    shop.database.close()


def test_a_restart_with_a_backlog_does_not_burst(loop: SimulatedLoop) -> None:
    shop = Shop(loop, "sqlite://", hangs=False)
    loop.run_until_complete(shop.work(2, 600))
    loop.run_until_complete(asyncio.sleep(3_600))  # noqa: TID251  (on the loop's own time)
    restarted_at = shop.clock.now()
    loop.run_until_complete(shop.work(2, 600))
    minute = [
        sum(restarted_at <= at < restarted_at + 60 * SECOND for at in times) for times in shop.provider.handed.values()
    ]

    hold_against_pace(shop.provider)
    assert max(minute) <= 6
    assert sum(minute) > SENDERS
    shop.database.close()


def test_a_pace_that_is_not_kept_is_seen(loop: SimulatedLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above can fail: a lane that ends its turn without resting is caught."""

    def no_rest(_lane: Lane, _slow: int) -> timedelta:
        return timedelta(0)

    monkeypatch.setattr("dripline.core.senders.lane._rest", no_rest)
    shop = Shop(loop, "sqlite://", hangs=False)
    loop.run_until_complete(shop.work(1, 30))

    with pytest.raises(AssertionError):
        hold_against_pace(shop.provider)
    shop.database.close()
