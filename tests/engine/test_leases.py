"""What happens around a send that takes long: leases are renewed, a stop hands back, answers are not lost."""

import asyncio
import itertools
import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from dripline import Accepted, Dripline, Limits, Message, Outcome, Report, Sequence, Step, VirtualClock
from dripline.engine.sending.batch import RENEWALS
from dripline.engine.sending.claims import ClaimedBatch, UnpacedClaims
from dripline.store.database import sqlite

LEAD = "60123456789"
PATIENCE = 10.0

Ask = Callable[[str], list[tuple[object, ...]]]


class Slow:
    """A provider that takes its time over the first message, until it is released."""

    sends_at_once = 1

    def __init__(self) -> None:
        self.started = threading.Event()
        self.released = threading.Event()
        self.accepted: list[str] = []

    async def send(self, message: Message) -> Outcome:
        self.started.set()
        await asyncio.to_thread(self.released.wait, PATIENCE)
        self.accepted.append(message.to)
        return Accepted("id")


def enroll(drip: Dripline, many: int = 1) -> None:
    drip.apply(Sequence("One", trigger="ONE", steps=[Step("Hi"), Step("Two", "1h")]))
    for number in range(many):
        drip.add_lead(phone=f"6012345678{number}", triggers=["ONE"])


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    for _ in range(1_000):
        if holds():
            return
        threading.Event().wait(PATIENCE / 1_000)
    pytest.fail("it never came")


def test_a_send_that_outlasts_its_lease_keeps_it(url: str, clock: VirtualClock, ask: Ask) -> None:
    slow, lease = Slow(), "SELECT lease_until FROM sequence_contacts WHERE status = 'sending'"
    with Dripline(url, clock=clock, channels={"console": slow}) as drip, Dripline(url, clock=clock) as other:
        enroll(drip)
        with ThreadPoolExecutor(1) as pool:
            passing: Future[Report] = pool.submit(drip.tick)
            assert slow.started.wait(PATIENCE)
            for _ in range(6):
                before = ask(lease)
                clock.advance(Limits().lease / RENEWALS)
                until(
                    lambda before=before: (
                        before != ask("SELECT lease_until FROM sequence_contacts WHERE status = 'sending'")
                    )
                )
                assert other.tick().lost == 0
            slow.released.set()

            assert passing.result().sent == 1
        assert clock.now() - drip.leads.timelines(phone="60123456780")[0].attempts[0].started_at > Limits().lease
        assert drip.verify() == []


def test_a_stop_ends_after_what_is_being_sent_and_hands_back_the_rest(url: str) -> None:
    slow, reports = Slow(), list[Report]()
    with Dripline(url, channels={"console": slow}) as drip:
        enroll(drip, many=4)
        running = threading.Thread(target=lambda: drip.run(on_pass=reports.append))
        running.start()
        assert slow.started.wait(PATIENCE)
        drip.stop()
        slow.released.set()
        running.join(PATIENCE)

        assert (reports[0].sent, reports[0].handed_back) == (1, 3)
        assert sorted(record.status for record in drip.due()) == ["active"] * 3
        assert drip.tick().sent == 3
        assert len(slow.accepted) == len(set(slow.accepted)) == 4
        assert drip.verify() == []


def test_an_answer_is_kept_while_the_database_is_away(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Else a message that the provider accepted would become unknown."""
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.05)
    slow = Slow()
    with (
        Dripline(str(sqlite_path), channels={"console": slow}) as drip,
        closing(sqlite3.connect(sqlite_path, check_same_thread=False)) as holder,
        caplog.at_level(logging.WARNING),
        ThreadPoolExecutor(1) as pool,
    ):
        enroll(drip)
        passing: Future[Report] = pool.submit(drip.tick)
        assert slow.started.wait(PATIENCE)
        holder.execute("BEGIN IMMEDIATE")
        slow.released.set()
        until(lambda: "settle.again" in caplog.text)
        holder.rollback()

        assert passing.result().sent == 1
        assert [record.status for record in drip.records(phone="60123456780")] == ["completed", "active"]


def test_a_claim_that_finds_the_database_away_ends_nothing_that_is_under_way(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The batch beside it looks again when it is done. The order of the two is forced; the lock is a real one."""
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.05)
    slow, held, claims = Slow(), threading.Event(), itertools.count()
    claim = UnpacedClaims.claim

    def claim_behind_the_lock(self: UnpacedClaims, begin: int) -> ClaimedBatch:
        if next(claims) == 1:
            held.wait(PATIENCE)
        return claim(self, begin)

    monkeypatch.setattr(UnpacedClaims, "claim", claim_behind_the_lock)
    with (
        Dripline(str(sqlite_path), channels={"console": slow}, limits=Limits(batch=1)) as drip,
        closing(sqlite3.connect(sqlite_path, check_same_thread=False)) as holder,
        caplog.at_level(logging.WARNING),
        ThreadPoolExecutor(1) as pool,
    ):
        enroll(drip, many=3)
        passing: Future[Report] = pool.submit(drip.tick)
        assert slow.started.wait(PATIENCE)
        holder.execute("BEGIN IMMEDIATE")
        held.set()
        try:
            until(lambda: "claim.left" in caplog.text)
        finally:
            holder.rollback()
            slow.released.set()

        assert passing.result().sent == 3


class Hanging:
    """A provider that never answers one lead, and answers the others at once."""

    async def send(self, message: Message) -> Outcome:
        if message.to.endswith("0"):
            await asyncio.Event().wait()
        return Accepted("id")


def test_a_provider_that_hangs_holds_up_one_lead_and_no_other(url: str) -> None:
    limits = Limits(send_timeout=timedelta(milliseconds=200))
    with Dripline(url, channels={"console": Hanging()}, limits=limits) as drip:
        enroll(drip, many=8)
        report = drip.tick()

        assert (report.sent, report.unknown) == (7, 1)
        assert "no answer within 0.2 s" in (drip.records(phone="60123456780")[0].reason or "")
        assert drip.verify() == []
