"""Tallies are what a count says, whoever writes, from whatever zone, and however long ago."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock

Ask = Callable[[str], list[tuple[object, ...]]]
LEADS = [f"601234567{number:02}" for number in range(40)]


@pytest.fixture
def enrolled(drip: Dripline, warm: Sequence) -> Dripline:
    """Some leads whose first step is due."""
    drip.apply(warm)
    for phone in LEADS:
        drip.add_lead(phone=phone, name="Aina", triggers=["WARMEXAMA"])
    return drip


def test_what_is_old_is_put_together_and_told_all_the_same(enrolled: Dripline, clock: VirtualClock, ask: Ask) -> None:
    for _ in range(5):
        enrolled.tick()
        clock.advance(timedelta(hours=12))
    before = enrolled.reports.overview().tally.many
    for days in (7, 1, 2, 10):
        clock.advance(timedelta(days=days))
        assert enrolled.verify() == []
        enrolled.tick()
        assert enrolled.verify() == []

    assert enrolled.reports.overview().tally.many == before
    assert ask("SELECT count(*), count(DISTINCT hour) FROM tallies") == [(6, 1)]


def test_a_change_of_what_was_put_together_counts(enrolled: Dripline, clock: VirtualClock) -> None:
    enrolled.tick()
    clock.advance(timedelta(days=40))
    enrolled.opt_out(phone=LEADS[0])
    enrolled.tick()
    enrolled.leads.forget(phone=LEADS[0])

    assert enrolled.verify() == []
    assert enrolled.reports.overview().tally.should.many == 4 * len(LEADS) - 4


def test_workers_at_once_tally_each_change_once(
    enrolled: Dripline, url: str, warm: Sequence, clock: VirtualClock
) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(4) as threads:
        workers = [
            stack.enter_context(Dripline(url, clock=clock, channels={"console": FakeChannel()})) for _ in range(4)
        ]
        for _ in range(len(warm.steps)):
            assert sum(report.sent for report in threads.map(Dripline.tick, workers)) == len(LEADS)
            clock.advance(timedelta(hours=12))
        list(threads.map(Dripline.tick, workers))

    assert enrolled.verify() == []
    assert enrolled.reports.overview().tally.sent.many == 4 * len(LEADS)


def test_a_processor_leaves_no_change_unfolded(enrolled: Dripline, clock: VirtualClock, ask: Ask) -> None:
    enrolled.tick()
    clock.advance(timedelta(seconds=10))
    enrolled.tick()

    assert ask("SELECT count(*) FROM tally_changes") == [(0,)]
    assert enrolled.verify() == []


def test_an_update_that_changes_neither_status_nor_hour_writes_no_tally(
    enrolled: Dripline, ask: Ask, plant: Callable[[str], None]
) -> None:
    told = "SELECT count(*), coalesce(max(id), 0) FROM tally_changes"
    before = ask(told), sorted(ask("SELECT * FROM tallies"), key=str)
    plant("UPDATE sequence_contacts SET reason_code = 'planted', attempt = 7, next_trigger_time = planned_time")

    assert (ask(told), sorted(ask("SELECT * FROM tallies"), key=str)) == before
    assert enrolled.verify() == []


def test_hours_are_of_utc_whatever_zone_a_person_has_set(
    new_url: Callable[[str], str], clock: VirtualClock, warm: Sequence
) -> None:
    url = new_url("postgresql")
    with Dripline(url, clock=clock) as drip:
        drip.apply(warm)
        drip.add_lead(phone=LEADS[0], triggers=["WARMEXAMA"])
        with psycopg.connect(url, options="-c timezone=Asia/Kolkata") as person:
            person.execute("UPDATE sequence_contacts SET next_trigger_time = next_trigger_time + INTERVAL '40 minutes'")
            person.execute(
                "UPDATE sequence_contacts SET status = 'paused', reason_code = 'by hand' WHERE current_step = 1"
            )

        assert [b for b in drip.verify() if b.invariant.statement == "breach_tally"] == []


def test_a_tally_that_nothing_stands_behind_is_found_and_mended(
    enrolled: Dripline, plant: Callable[[str], None]
) -> None:
    plant("INSERT INTO tallies VALUES (0, 0, 'leads', '2025-01-01 00:00:00', 5);"
          "INSERT INTO tallies VALUES (7, 2, 'held', '2026-01-01 03:00:00', -2)")  # fmt: skip
    breaches = [breach.sentence() for breach in enrolled.verify()]
    repairs = enrolled.records.repair()

    assert [breach.partition(" tallied")[0].split()[-2:] for breach in breaches] == [["5", "leads"], ["-2", "held"]]
    assert [(one.deed, one.ids) for one in repairs] == [("tallied anew, its tallies were wrong: sequence", (0, 7))]
    assert enrolled.verify() == []


def test_a_pass_on_a_clock_that_is_ahead_puts_no_present_hour_together(url: str) -> None:
    clock = VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
    with Dripline(url, clock=clock, channels={"console": FakeChannel()}) as drip:
        drip.apply(Sequence("S", trigger="T", steps=[Step("a"), Step("b", "90d")]))
        drip.add_lead(phone="60123456789", triggers=["T"])
        drip.tick()
    ahead = VirtualClock(datetime(2026, 2, 4, 9, tzinfo=UTC))
    with Dripline(url, clock=ahead, channels={"console": FakeChannel()}) as drip:
        drip.tick()
    with Dripline(url, clock=clock, channels={"console": FakeChannel()}) as drip:
        for _ in range(24):
            clock.advance(timedelta(hours=1))
            drip.tick()
        assert drip.verify() == []


def test_an_hour_that_a_person_made_unreadable_ends_no_tick(tmp_path: Path, clock: VirtualClock) -> None:
    """It ended every tick, for everybody."""
    file = tmp_path / "shop.db"
    with Dripline(f"sqlite:///{file}", clock=clock, channels={"console": FakeChannel()}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi"), Step("Two", "12h")]))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
        drip.tick()
        with closing(sqlite3.connect(file)) as shell, shell:
            shell.execute("UPDATE OR IGNORE tallies SET hour = '2' WHERE sequence_id > 0")
        for _ in range(4):
            clock.advance(timedelta(hours=12))
            drip.tick()
        drip.records.repair()

        assert drip.verify() == []
