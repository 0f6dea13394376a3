"""A person at a SQL prompt: what the database takes is read, honoured or put right, and holds up nobody else."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from dripline import Dripline, FakeChannel, Pace, Sender, Sequence, Step, VirtualClock

Ask = Callable[[str], list[tuple[object, ...]]]
Plant = Callable[[str], None]

AINA, BALA = "60123456781", "60123456782"
HOUR_12 = timedelta(hours=12)

REFUSED = (sqlite3.Error, psycopg.Error)


@pytest.fixture
def two(drip: Dripline, warm: Sequence) -> Dripline:
    """Two leads at the first step of the mission's sequence."""
    drip.apply(warm)
    for phone in (AINA, BALA):
        drip.add_lead(phone=phone, name="You", triggers=["WARMEXAMA"])
    return drip


def of(phone: str, step: int) -> str:
    return f"current_step = {step} AND lead_id = (SELECT id FROM leads WHERE phone = '{phone}')"


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-01 00:00:00+00:00",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00Z",
        "2026-01-01 08:00:00+08:00",
        "2026-01-01 00:00",
        "2025-12-31 23:59:59.25",
        "2026-01-01",
        "2025-12-32",
        "2025-11-31 10:00:00",
    ],
)
def test_a_time_is_read_however_it_is_written(two: Dripline, plant: Plant, written: str, url: str) -> None:
    change = f"UPDATE sequence_contacts SET next_trigger_time = '{written}' WHERE {of(AINA, 1)}"
    if written == "2025-12-32" or (written == "2025-11-31 10:00:00" and url.startswith("postgresql")):
        with pytest.raises(REFUSED):
            plant(change)
    else:
        plant(change)

    assert two.tick().sent == 2
    assert two.records(phone=AINA)[0].status == "completed"


@pytest.mark.parametrize("written", ["tomorrow", "", "now", "5", "1764346000", "infinity", "9999-12-31", "0000-01-01"])
@pytest.mark.parametrize("column", ["next_trigger_time", "planned_time"])
def test_what_is_no_time_is_refused(two: Dripline, plant: Plant, column: str, written: str, url: str) -> None:
    if url.startswith("postgresql") and written in {"tomorrow", "now"}:
        pytest.skip("PostgreSQL reads these")
    with pytest.raises(REFUSED):
        plant(f"UPDATE sequence_contacts SET {column} = '{written}'")

    assert two.tick().sent == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leads SET attributes = 'none'",
        "UPDATE leads SET attributes = '[]'",
        "UPDATE leads SET phone = '+60 12-345 6789'",
        "UPDATE sequences SET variables = '1'",
        "UPDATE sequences SET time_window = 'at night'",
        "UPDATE steps SET content = ''",
        "UPDATE sequence_contacts SET status = 'done'",
        "UPDATE sequence_contacts SET status = 'sending' WHERE current_step = 1",
        "UPDATE sequence_contacts SET status = 'active'",
        "UPDATE sequence_contacts SET current_step = 9 WHERE current_step = 1",
        "UPDATE sequence_contacts SET sequence_stepid = 3",
        "UPDATE sequence_contacts SET attempt = -1",
        "UPDATE sequence_contacts SET attempt = 'many'",
        "UPDATE sequence_contacts SET attempt = 5000000000",
        "UPDATE enrollments SET moved_seconds = 99999999999999",
        "UPDATE enrollments SET version = 7",
        "UPDATE enrollments SET first_step = 4000",
        "UPDATE enrollments SET sender_id = 0",
        "UPDATE enrollments SET sender_id = 1000 WHERE lead_id = 1",
        "UPDATE sequence_contacts SET sender_id = 1000",
        "UPDATE sequence_contacts SET lead_id = 2 WHERE lead_id = 1 AND current_step = 3",
        "UPDATE enrollments SET lead_id = 1000 WHERE lead_id = 1",
        "UPDATE lead_triggers SET lead_id = 1000",
        "INSERT INTO lead_triggers (lead_id, trigger, gained_at) VALUES (1000, 'WARMEXAMA', '2026-01-01 00:00:00')",
        "DELETE FROM sequences",
        "DELETE FROM workspace",
        "DELETE FROM steps WHERE position = 3",
        "UPDATE steps SET version = 0",
        "UPDATE sequences SET version = 7",
        "UPDATE sequences SET trigger = 'warmexama'",
        "UPDATE sequences SET goal = 'Bought'",
        "UPDATE sequences SET name = ''",
        "UPDATE leads SET email = 'Aina@Example.com' WHERE id = 1",
        "INSERT INTO suppressions (address, reason_code, suppressed_at) VALUES ('+60123456781', 'x', '2026-01-01')",
        "INSERT INTO suppressions (address, reason_code, suppressed_at) VALUES ('Ben@Shop.com', 'x', '2026-01-01')",
        "UPDATE steps SET after_seconds = 99999999999999, offset_seconds = 99999999999999",
    ],
)
def test_what_would_break_a_promise_is_refused(two: Dripline, plant: Plant, change: str) -> None:
    with pytest.raises(REFUSED):
        plant(change)

    assert two.tick().sent == 2
    assert two.verify() == []


def test_a_number_of_tries_never_goes_back(two: Dripline, plant: Plant) -> None:
    """A try of a number that was given before would be taken for the same one."""
    two.tick()
    with pytest.raises(REFUSED):
        plant("UPDATE sequence_contacts SET attempt = 0 WHERE current_step = 1")


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (
            "UPDATE sequence_contacts SET status = 'skipped', ended_at = '2026-01-01', reason_code = 'x' WHERE "
            + of(AINA, 2),
            2,
        ),
        (f"DELETE FROM sequence_contacts WHERE {of(AINA, 2)}", 2),
        (f"DELETE FROM sequence_contacts WHERE {of(AINA, 4)}", 2),
        (f"DELETE FROM sequence_contacts WHERE {of(AINA, 2)} OR {of(AINA, 3)}", 1),
    ],
)
def test_a_step_that_was_ended_or_deleted_strands_nobody(
    two: Dripline, plant: Plant, clock: VirtualClock, fake: FakeChannel, change: str, left: int
) -> None:
    two.tick()
    plant(change)
    for _ in range(3):
        clock.advance(HOUR_12)
        two.tick()

    assert sum(message.to == AINA for message in fake.accepted) == 1 + left
    assert sum(message.to == BALA for message in fake.accepted) == 4
    two.records.repair()
    assert two.verify() == []


def test_the_step_at_which_a_lead_stood_may_be_completed_by_hand(
    two: Dripline, plant: Plant, clock: VirtualClock
) -> None:
    plant(
        "UPDATE sequence_contacts SET status = 'completed', completed_at = '2025-12-31 20:00:00', reason_code = NULL"
        f" WHERE {of(AINA, 1)}"
    )
    assert two.tick().sent == 1
    assert two.verify()
    two.records.repair()

    assert two.verify() == []
    clock.advance(HOUR_12)
    assert two.tick().sent == 2
    assert two.verify() == []


def test_an_earlier_time_is_honoured_and_noted(two: Dripline, plant: Plant, clock: VirtualClock) -> None:
    two.tick()
    plant(f"UPDATE sequence_contacts SET next_trigger_time = '2026-01-01 01:00:00' WHERE {of(AINA, 2)}")
    clock.advance(timedelta(hours=1))
    assert two.tick().sent == 1
    assert [breach.id for breach in two.verify()]

    two.records.repair()
    assert two.verify() == []


def test_a_later_step_that_was_let_go_first_is_noted(two: Dripline, plant: Plant, clock: VirtualClock) -> None:
    plant(f"UPDATE sequence_contacts SET status = 'pending' WHERE {of(AINA, 1)}")
    plant(
        f"UPDATE sequence_contacts SET status = 'active', next_trigger_time = '2026-01-01 00:00:00' WHERE {of(AINA, 2)}"
    )
    assert two.tick().sent == 2

    two.records.repair()
    assert two.verify() == []
    for _ in range(3):
        clock.advance(HOUR_12)
        two.tick()
    assert two.verify() == []
    assert not two.reports.counts().get("pending")


def test_an_enrollment_that_a_person_ended_sends_nothing_more(two: Dripline, plant: Plant, fake: FakeChannel) -> None:
    plant(
        "UPDATE enrollments SET ended_at = '2026-01-01 00:00:00', end_code = 'by hand'"
        f" WHERE lead_id = (SELECT id FROM leads WHERE phone = '{AINA}')"
    )
    two.tick()

    assert [message.to for message in fake.accepted] == [BALA]
    two.records.repair()
    assert two.verify() == []


def test_a_lead_that_was_deleted_without_its_records_holds_up_nobody(
    sqlite_path: object, clock: VirtualClock, fake: FakeChannel, warm: Sequence
) -> None:
    """The sqlite3 shell keeps no foreign keys unless it is told to."""
    with Dripline(str(sqlite_path), clock=clock, channels={"console": fake}) as drip:
        drip.apply(warm)
        for phone in (AINA, BALA):
            drip.add_lead(phone=phone, name="You", triggers=["WARMEXAMA"])
        shell = sqlite3.connect(str(sqlite_path), isolation_level=None)
        shell.execute("DELETE FROM leads WHERE phone = ?", [AINA])
        shell.close()
        for _ in range(4):
            drip.tick()
            drip.tick()
            clock.advance(HOUR_12)

        assert [message.to for message in fake.accepted] == [BALA] * 4
        assert {breach.invariant.statement for breach in drip.verify()} >= {"breach_dangling"}
        drip.records.repair()
        assert drip.verify() == []


def test_a_trigger_that_a_person_gave_counts(two: Dripline, plant: Plant, fake: FakeChannel, ask: Ask) -> None:
    two.apply(Sequence("Hot", trigger="HOT", steps=[Step("Hot")]))
    two.tick()
    plant(
        "INSERT INTO leads (phone, name, attributes, created_at, updated_at)"
        " VALUES ('60123456783', 'Chong', '{}', '2026-01-01 00:00:00', '2026-01-01 00:00:00');"
        "INSERT INTO lead_triggers (lead_id, trigger, gained_at)"
        " SELECT id, ' hot ', '2026-01-01 00:00:00' FROM leads WHERE phone = '60123456783'"
    )
    two.tick()
    two.tick()

    assert [(message.to, message.text) for message in fake.accepted][2:] == [("60123456783", "Hot")]
    assert ask("SELECT trigger FROM lead_triggers WHERE decided_at IS NULL") == []
    assert ask("SELECT count(*) FROM lead_triggers WHERE trigger = 'HOT'") == [(1,)]
    assert two.verify() == []


def test_a_time_zone_that_does_not_exist_is_as_good_as_none(two: Dripline, plant: Plant, clock: VirtualClock) -> None:
    plant("UPDATE leads SET zone = 'Mars/Olympus'; UPDATE sequences SET zone = 'Nowhere'")
    plant("""UPDATE sequences SET time_window = '{"days": [1, 2, 3, 4, 5, 6, 7], "hours": [["00:00", "24:00"]]}'""")

    two.tick()
    clock.advance(HOUR_12)
    two.tick()
    assert two.records(phone=BALA)


def test_hours_that_cannot_be_read_hold_up_nobody_else(two: Dripline, plant: Plant, fake: FakeChannel) -> None:
    two.apply(Sequence("Hot", trigger="HOT", steps=[Step("Hot")]))
    two.add_lead(phone="60123456783", triggers=["HOT"])
    plant("""UPDATE sequences SET time_window = '{"moon": "full"}' WHERE name = 'Warm EXAMA'""")
    two.tick()

    assert [message.text for message in fake.accepted] == ["Hot"]
    assert any("cannot be read" in trouble.told for trouble in two.alerts.all())


def test_a_sender_that_cannot_be_read_holds_up_nobody_else(drip: Dripline, plant: Plant, fake: FakeChannel) -> None:
    for name in ("A", "B"):
        drip.senders.apply(Sender(name, channel="console"))
        drip.apply(Sequence(name, trigger=name, senders=[name], steps=[Step(name)]))
    drip.add_lead(phone=AINA, triggers=["A", "B"])
    plant("""UPDATE senders SET hour_counts = '{"x": "y"}' WHERE name = 'A'""")
    drip.tick()

    assert [message.text for message in fake.accepted] == ["B"]


def test_a_load_that_is_wrong_holds_up_nobody(drip: Dripline, plant: Plant) -> None:
    drip.senders.apply(Sender("A", channel="console"))
    drip.apply(Sequence("A", trigger="A", senders=["A"], steps=[Step("A")]))
    drip.add_lead(phone=AINA, triggers=["A"])
    plant("UPDATE sender_loads SET live = 0")

    assert drip.tick().sent == 1
    drip.records.repair()
    assert drip.verify() == []


def test_due_records_is_the_missions_query(two: Dripline, ask: Ask) -> None:
    """By the database's own clock, which is past that of the test."""
    assert len(ask("SELECT * FROM due_records")) == 2
    two.tick()
    assert {row[0] for row in ask("SELECT current_step FROM due_records")} <= {2}


@pytest.mark.parametrize(
    "change", ["zone = 'Mars/Olympus'", "stop_words = 'stop, batal'", "stop_words = ''", "daily_cap = 500000"]
)
def test_a_setting_of_the_workspace_that_cannot_be_read_is_as_good_as_none(
    two: Dripline, plant: Plant, clock: VirtualClock, fake: FakeChannel, change: str
) -> None:
    plant(f"UPDATE workspace SET {change}")
    two.tick()
    two.inbox.receive("STOP", phone=AINA)
    clock.advance(HOUR_12)
    two.tick()

    assert [message.to for message in fake.accepted] == [AINA, BALA, BALA]
    assert two.workspace.state().workspace.zone == "UTC"
    two.apply(Sequence("Other", trigger="OTHER", steps=[Step("Hi")], window="09:00-17:00"))
    two.leads.timelines(phone=BALA)


@pytest.mark.parametrize("pace", ['{"max_per_day": 5}', '{"gap": "soon"}', '{"burst": 0}'])
def test_a_pace_that_cannot_be_read_holds_up_its_own_sender(
    drip: Dripline, plant: Plant, fake: FakeChannel, pace: str
) -> None:
    for name, phone in (("A", AINA), ("B", BALA)):
        drip.senders.apply(Sender(name, channel="console"))
        drip.apply(Sequence(name, trigger=name, senders=[name], steps=[Step("Hi")]))
        drip.add_lead(phone=phone, triggers=[name])
    plant(f"UPDATE senders SET pace = '{pace}' WHERE name = 'A'")
    drip.tick()

    assert [message.to for message in fake.accepted] == [BALA]
    assert [state.wait_code for state in drip.senders.all()] == ["lane_unreadable", None]
    drip.leads.timelines(phone=AINA)
    drip.apply(Sequence("A", trigger="A", senders=["A"], steps=[Step("Hello")]))
    drip.senders.apply(Sender("A", channel="console", pace=Pace(burst=2)))
    assert drip.senders.all()[0].sender.pace.burst == 2
