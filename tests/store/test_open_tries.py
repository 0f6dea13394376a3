"""A try under way is its record's until it is answered: whoever needs it sooner writes it, and nobody loses it."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from dripline import Dripline, Sequence, VirtualClock
from dripline.store.database.connect import connect
from dripline.store.enrollments.store import Store
from dripline.store.records.claim import Claiming
from dripline.store.restored import suspect_all

Ask = Callable[[str], list[tuple[object, ...]]]
Plant = Callable[[str], None]

PHONE = "60123456781"
LEASE = timedelta(minutes=5)
OPEN = "SELECT number, worker, outcome FROM attempts"
TAKEN_OUT = (
    "status = 'active'",
    "status = 'failed', reason_code = 'gone', ended_at = '2026-01-01 00:00:00'",
    "status = 'unknown', reason_code = 'gone'",
    "status = 'completed', completed_at = '2026-01-01 00:00:00'",
)


@pytest.fixture
def sending(url: str, clock: VirtualClock, drip: Dripline, warm: Sequence) -> str:
    """The database in which a worker sends the first step of one lead."""
    drip.apply(warm)
    drip.add_lead(phone=PHONE, name="You", triggers=["WARMEXAMA"])
    database = connect(url)
    claimed = Claiming(database, Store(database, clock.now)).claim(
        "w", "console", now=clock.now(), lease=LEASE, batch=1
    )
    database.close()
    assert len(claimed.records) == 1
    return url


@pytest.mark.usefixtures("sending")
@pytest.mark.parametrize("change", TAKEN_OUT)
def test_a_person_who_takes_a_record_out_of_sending_leaves_its_try(plant: Plant, ask: Ask, change: str) -> None:
    assert ask(OPEN) == []
    plant(f"UPDATE sequence_contacts SET {change} WHERE status = 'sending'")

    assert ask(OPEN) == [(1, "w", None)]
    assert ask("SELECT begun_at FROM sequence_contacts WHERE current_step = 1") == [(None,)]


@pytest.mark.usefixtures("sending")
def test_a_record_is_not_deleted_while_it_is_being_sent(plant: Plant, ask: Ask) -> None:
    with pytest.raises((sqlite3.Error, psycopg.Error), match="while it is being sent"):
        plant("DELETE FROM sequence_contacts WHERE status = 'sending'")

    assert ask("SELECT count(*) FROM sequence_contacts WHERE current_step = 1") == [(1,)]


def test_the_try_under_way_at_a_backup_is_known(sending: str, clock: VirtualClock, ask: Ask) -> None:
    clock.advance(timedelta(hours=1))
    database = connect(sending)
    with database.transaction():
        suspect_all(database, None, clock.now())
    database.close()

    assert ask("SELECT number, outcome FROM attempts ORDER BY number") == [(1, None), (2, None)]


@pytest.mark.usefixtures("sending")
def test_what_is_being_sent_is_shown_as_a_try_without_an_answer(drip: Dripline) -> None:
    attempts = drip.leads.timelines(phone=PHONE)[0].attempts

    assert [(attempt.number, attempt.worker, attempt.outcome) for attempt in attempts] == [(1, "w", None)]
