"""What a provider has answered is written whenever the database is back, or in a file where the process ends before."""

import asyncio
import sqlite3
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from dripline import (
    Accepted,
    Dripline,
    Limits,
    Message,
    NewLead,
    Outcome,
    Policy,
    Rejected,
    RetryLater,
    Sequence,
    Step,
)
from dripline.core.leads.address import AddressKind
from dripline.engine.clock import SystemClock
from dripline.errors import DatabaseProblem
from dripline.store.database import sqlite
from support.real_time import eventually, pause

LEASE = timedelta(seconds=2)
LIMITS = Limits(
    lease=LEASE,
    send_timeout=timedelta(milliseconds=500),
    settle_again=timedelta(seconds=2),
    last_tries=timedelta(seconds=1),
)
MANY = 5


class Locked:
    """Accepts everything, and takes the database away while it does: another program holds the file."""

    address_kind = AddressKind.ANY
    idempotent = False
    sends_at_once = MANY

    def __init__(self, path: Path) -> None:
        self.path = path
        self.accepted: list[str] = []
        self.holder: sqlite3.Connection | None = None

    async def send(self, message: Message) -> Outcome:
        self.accepted.append(message.to)
        if self.holder is None:
            self.holder = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            self.holder.execute("BEGIN EXCLUSIVE")
        return Accepted(f"id-{message.to}")

    def release(self) -> None:
        assert self.holder is not None
        self.holder.rollback()


@pytest.fixture
def locked(sqlite_path: Path, monkeypatch: pytest.MonkeyPatch) -> Locked:
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.05)
    return Locked(sqlite_path)


def shop(locked: Locked, policy: Policy) -> Dripline:
    drip = Dripline(str(locked.path), channels={"sms": locked}, limits=LIMITS)
    drip.apply(Sequence("Go", trigger="GO", channel="sms", steps=[Step("1"), Step("2", "12h")], policy=policy))
    drip.add_leads([NewLead(f"6012000000{place}", triggers=("GO",)) for place in range(MANY)])
    return drip


@pytest.mark.parametrize("on_unknown", ["hold", "advance", "resend"])
def test_an_outage_longer_than_a_lease_makes_nothing_unknown_and_nothing_twice(locked: Locked, on_unknown: str) -> None:
    with shop(locked, Policy(on_unknown=on_unknown)) as drip:
        threading.Timer(3 * LEASE.total_seconds(), locked.release).start()
        drip.tick()
        drip.tick()
        assert sorted(locked.accepted) == [f"6012000000{place}" for place in range(MANY)]
        assert drip.reports.counts()["completed"] == MANY
        assert not drip.verify()


async def _work_until_done(drip: Dripline, locked: Locked) -> None:
    clock, working = SystemClock(), asyncio.create_task(drip.run_async(poll=timedelta(milliseconds=100)))
    while len(locked.accepted) < MANY:
        await clock.wait(asyncio.Event(), 0.05)
    await clock.wait(asyncio.Event(), 2 * LEASE.total_seconds())
    locked.release()
    await clock.wait(asyncio.Event(), 5)
    drip.stop()
    await working


def test_a_worker_does_not_take_itself_for_gone(locked: Locked) -> None:
    """Its own pass looks for leases that are over as soon as the database is back, before the answers are written."""
    with shop(locked, Policy(on_unknown="resend", unknown_after="0s")) as drip:
        asyncio.run(_work_until_done(drip, locked))
        assert len(locked.accepted) == MANY
        assert drip.reports.counts()["completed"] == MANY
        assert not drip.verify()


async def _work_and_stop(drip: Dripline, locked: Locked) -> None:
    clock = SystemClock()
    working = asyncio.create_task(drip.run_async())
    while len(locked.accepted) < MANY:
        await clock.wait(asyncio.Event(), 0.05)
    drip.stop()
    with suppress(DatabaseProblem):
        async with asyncio.timeout(20):
            await working


def test_who_must_end_before_leaves_the_answers_in_a_file_and_the_next_one_writes_them(locked: Locked) -> None:
    with shop(locked, Policy(on_unknown="resend")) as drip:
        asyncio.run(_work_and_stop(drip, locked))
    (kept,) = locked.path.parent.glob(f"{locked.path.name}-answers-*")
    assert kept.stat().st_mode & 0o777 == 0o600

    locked.release()
    with Dripline(str(locked.path), channels={"sms": locked}, limits=LIMITS) as drip:
        drip.tick()
        threading.Event().wait(LEASE.total_seconds() + 1)
        drip.tick()
        assert len(locked.accepted) == MANY
        assert drip.reports.counts()["completed"] == MANY
    assert not kept.exists()


class Mixed(Locked):
    """Takes the first message, wants the second later and refuses the third."""

    @override
    async def send(self, message: Message) -> Outcome:
        await super().send(message)
        refusals: dict[int, Outcome] = {1: RetryLater("busy", after=timedelta(hours=1)), 2: Rejected("no such text")}
        return refusals.get(len(self.accepted) - 1, Accepted("id"))


@pytest.mark.parametrize("on_unknown", ["hold", "advance", "resend"])
def test_whoever_takes_a_worker_for_gone_is_corrected_by_what_that_one_knows(
    sqlite_path: Path, on_unknown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.05)
    locked = Mixed(sqlite_path)
    with Dripline(str(sqlite_path), channels={"sms": locked}, limits=LIMITS) as drip:
        steps = [Step("1"), Step("2", "12h")]
        drip.apply(Sequence("Go", trigger="GO", channel="sms", steps=steps, policy=Policy(on_unknown=on_unknown)))
        drip.add_leads([NewLead(f"6012000000{place}", triggers=("GO",)) for place in range(3)])
        working = threading.Thread(target=drip.tick)
        working.start()
        eventually(lambda: len(locked.accepted) == 3)
        pause(LEASE.total_seconds() + 1)
        with Dripline(str(sqlite_path), channels={"sms": locked}) as other:
            locked.release()
            eventually(lambda: other.tick().lost == 3)
            working.join()
            counts = other.reports.counts()
        assert len(locked.accepted) == 3
        assert (counts["completed"], counts["failed"], counts["active"]) == (1, 1, 3)
        assert not drip.verify()
