"""A record begins before it is sent: what a worker had claimed and not begun is nobody's loss when it is gone."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from dripline import Accepted, Dripline, Limits, Message, NewLead, Outcome, Sequence, Step, VirtualClock
from dripline.engine.sending.channel_slots import batch_size
from dripline.store.database.connect import connect
from dripline.store.enrollments.store import Store
from dripline.store.records.attempts import Attempts
from dripline.store.records.claim import Claiming

LEADS = 12
FIRST_BATCH = batch_size(2, Limits())
PATIENCE = 20.0
LEASE = Limits().lease

Ask = Callable[[str], list[tuple[object, ...]]]


class Held:
    """A provider that takes two at a time, and answers when it is told to."""

    sends_at_once = 2

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.released = asyncio.Event()
        self.accepted: list[str] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self._waiting = 0

    async def send(self, message: Message) -> Outcome:
        self.loop = asyncio.get_running_loop()
        self._waiting += 1
        if self._waiting == self.sends_at_once:
            self.asked.set()
        await self.released.wait()
        self.accepted.append(message.to)
        return Accepted(f"id-{message.record_id}")

    def release(self) -> None:
        """Answer, from another thread."""
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.released.set)


def enroll(drip: Dripline) -> None:
    drip.apply(Sequence("One", trigger="ONE", steps=[Step("Hi"), Step("Two", "1h")]))
    drip.add_leads([NewLead(f"6012345{number:04d}", triggers=("ONE",)) for number in range(LEADS)])


def abandon(url: str, clock: VirtualClock, begin: int) -> None:
    """Claim everything for a worker that is gone before it sent the first."""
    database = connect(url)
    claiming = Claiming(database, Store(database, clock.now))
    claiming.claim("gone", "console", now=clock.now(), lease=LEASE, batch=LEADS, begin=begin)
    database.close()


def test_of_a_killed_worker_only_what_had_begun_is_unknown(url: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock) as drip:
        enroll(drip)
        abandon(url, clock, begin=3)
        assert drip.tick().sent == 0
        clock.advance(LEASE)
        report = drip.tick()

        assert (report.lost, report.handed_back, report.sent) == (3, LEADS - 3, LEADS - 3)
        assert drip.reports.counts()["unknown"] == 3
        assert drip.verify() == []


def test_what_had_not_begun_burns_no_try(url: str, clock: VirtualClock, ask: Ask) -> None:
    with Dripline(url, clock=clock) as drip:
        enroll(drip)
        abandon(url, clock, begin=0)
        clock.advance(LEASE)
        drip.tick()

        assert ask("SELECT count(*) FROM attempts") == [(LEADS,)]
        assert ask("SELECT max(failures) FROM sequence_contacts") == [(0,)]


def test_who_leaves_between_the_claim_and_the_send_gets_nothing(url: str, clock: VirtualClock) -> None:
    held = Held()
    with Dripline(url, clock=clock, channels={"console": held}) as drip, Dripline(url, clock=clock) as hand:
        enroll(drip)
        with ThreadPoolExecutor(1) as pool:
            passing = pool.submit(drip.tick)
            assert held.asked.wait(PATIENCE)
            clock.advance(LEASE / 10)
            for number in range(LEADS):
                hand.opt_out(phone=f"6012345{number:04d}")
            held.release()
            report = passing.result()

        # Two were being sent when they left; of the others the first batch was claimed, and had not begun.
        assert report.sent == len(held.accepted) == 2
        assert report.cancelled >= FIRST_BATCH - 2
        assert drip.verify() == []


def test_what_a_late_answer_has_accepted_is_not_begun(
    url: str, clock: VirtualClock, plant: Callable[[str], None]
) -> None:
    with Dripline(url, clock=clock) as drip:
        enroll(drip)
    database = connect(url)
    store = Store(database, clock.now)
    claims = Claiming(database, store).claim("w", "console", now=clock.now(), lease=LEASE, batch=LEADS, begin=0)
    claimed = {record.facts.record_id for record in claims.records}
    accepted = min(claimed)
    plant(
        "INSERT INTO attempts (record_id, number, worker, started_at, finished_at, outcome, provider_id)"
        f" VALUES ({accepted}, 7, 'before', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'accepted', 'id')"
    )
    with store.transaction():
        begun = Attempts(database, store, "w").begin(claims.records, clock.now())
    database.close()

    assert begun.records == claimed - {accepted}
    assert begun.stopped_by == {}


def test_a_pass_that_is_cancelled_hands_back_what_had_not_begun(url: str, clock: VirtualClock) -> None:
    async def cancelled() -> None:
        passing = asyncio.create_task(drip.tick_async())
        await asyncio.to_thread(held.asked.wait, PATIENCE)
        passing.cancel()
        await asyncio.to_thread(until, lambda: drip.reports.counts().get("active") == LEADS - 2)
        held.released.set()
        with pytest.raises(asyncio.CancelledError):
            await passing

    held = Held()
    with Dripline(url, clock=clock, channels={"console": held}) as drip:
        enroll(drip)
        asyncio.run(cancelled())

        assert len(drip.due()) == LEADS - 2
        assert drip.reports.counts()["completed"] == 2
        drip.tick()
        assert len(held.accepted) == len(set(held.accepted)) == LEADS
        assert drip.verify() == []


def test_a_pass_that_is_cancelled_twice_ends_at_once(url: str, clock: VirtualClock) -> None:
    async def cancelled_twice() -> None:
        passing = asyncio.create_task(drip.tick_async())
        await asyncio.to_thread(held.asked.wait, PATIENCE)
        passing.cancel()
        await asyncio.to_thread(until, lambda: drip.reports.counts().get("active") == LEADS - 2)
        passing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await passing

    held = Held()
    with Dripline(url, clock=clock, channels={"console": held}) as drip:
        enroll(drip)
        asyncio.run(cancelled_twice())

        assert len(drip.due()) == LEADS - 2
        assert drip.reports.counts()["unknown"] == 2
        assert drip.verify() == []


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    for _ in range(1_000):
        if holds():
            return
        threading.Event().wait(PATIENCE / 1_000)
    pytest.fail("it never came")


def test_a_late_acceptance_is_seen_beside_a_claim_that_never_began(
    url: str, clock: VirtualClock, plant: Callable[[str], None]
) -> None:
    """Else the record would be sent again, though it is known to have gone."""
    with Dripline(url, clock=clock) as drip:
        enroll(drip)
        abandon(url, clock, begin=LEADS)
        plant(
            "INSERT INTO attempts (record_id, number, worker, started_at, finished_at, outcome, provider_id)"
            " SELECT id, attempt, worker, begun_at, begun_at, 'accepted', 'late' FROM sequence_contacts"
            " WHERE status = 'sending'"
        )
        plant(
            "UPDATE sequence_contacts SET status = 'active', worker = NULL, lease_until = NULL WHERE current_step = 1"
        )
        abandon(url, clock, begin=0)
        clock.advance(LEASE)

        assert drip.tick().sent == 0
        assert drip.reports.counts()["completed"] == LEADS
