"""Every promise is broken on purpose once, so that the doctor is known to see it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, Sender, Sequence, VirtualClock
from dripline.verify import INVARIANTS

LEAD = "60123456789"

NO_INDEX = "DROP INDEX one_current_record;"

# What a person might plant, and the statement of the invariant that must find it. Constraints that forbid it are
# dropped first: a doctor is for databases in which they are gone.
PLANTED = {
    "two active records in one enrollment": (
        NO_INDEX + "UPDATE sequence_contacts SET status = 'active' WHERE current_step IN (3, 4)",
        "breach_live_without_current",
    ),
    "a live enrollment that stands nowhere": (
        "UPDATE sequence_contacts SET status = 'pending' WHERE status = 'active'",
        "breach_live_without_current",
    ),
    "an ended enrollment with a step to send": (
        "UPDATE enrollments SET ended_at = enrolled_at, end_code = 'planted'",
        "breach_ended_with_current",
    ),
    "an early send": (
        (
            "UPDATE sequence_contacts SET next_trigger_time = '2026-01-01 06:00:00',"
            " planned_time = '2026-01-01 06:00:00'"
            " WHERE current_step = 1"
        ),
        "breach_early",
    ),
    "a completion before its time": (
        "UPDATE sequence_contacts SET completed_at = '2025-12-31 23:59:59' WHERE current_step = 1",
        "breach_early",
    ),
    "a wrong order": (
        NO_INDEX + "UPDATE sequence_contacts SET status = 'active', completed_at = NULL WHERE current_step = 1;"
        "INSERT INTO attempts (record_id, number, worker, started_at)"
        " SELECT id, 1, 'planted', '2026-01-03 00:00:00' FROM sequence_contacts WHERE current_step = 2",
        "breach_order",
    ),
    "a step that became active too soon": (
        NO_INDEX + "UPDATE sequence_contacts SET status = 'active' WHERE current_step = 4",
        "breach_activated_early",
    ),
    "a completion that nobody accepted": (
        "UPDATE attempts SET outcome = 'unknown'",
        "breach_completed_unsent",
    ),
    "an unknown record without a reason": (
        "UPDATE sequence_contacts SET status = 'unknown' WHERE status = 'active'",
        "breach_ended_without_reason",
    ),
    "a record that is gone": (
        "DELETE FROM sequence_contacts WHERE current_step = 3",
        "breach_missing_record",
    ),
    "a lease that nobody looked after": (
        (
            "UPDATE sequence_contacts SET status = 'sending', worker = 'w', lease_until = '2025-12-31 00:00:00'"
            " WHERE status = 'active'"
        ),
        "breach_lease_forgotten",
    ),
    "a record accepted twice": (
        (
            "INSERT INTO attempts (record_id, number, worker, started_at, finished_at, outcome, provider_id)"
            " SELECT record_id, 2, worker, started_at, finished_at, outcome, provider_id FROM attempts"
        ),
        "breach_accepted_twice",
    ),
    "a send after an opt-out": (
        (
            "INSERT INTO suppressions (address, reason_code, suppressed_at)"
            " VALUES ('60123456789', 'planted', '2025-12-31 00:00:00')"
        ),
        "breach_sent_after_opt_out",
    ),
    "a step number that changed": (
        "UPDATE steps SET position = 9 WHERE position = 4",
        "breach_wrong_step",
    ),
    "a record of another lead": (
        (
            "INSERT INTO leads (id, phone, name, created_at, updated_at, attributes)"
            " SELECT 9, '60123456780', '', created_at, updated_at, attributes FROM leads;"
            "INSERT INTO merged_leads (id, lead_id) SELECT min(id), 9 FROM leads;"
            "UPDATE sequence_contacts SET lead_id = 9; DELETE FROM merged_leads"
        ),
        "breach_dangling",
    ),
    "a load that nobody counted": ("UPDATE sender_loads SET live = 7", "breach_load"),
    "a lead whose sender is gone": (
        (
            "UPDATE sequence_contacts SET sender_id = (SELECT id FROM senders);"
            "UPDATE senders SET status = 'archived', reason_code = 'planted'"
        ),
        "breach_orphaned",
    ),
    "a lead with a sender of another channel": (
        (
            "UPDATE enrollments SET sender_id = (SELECT id FROM senders); UPDATE sender_loads SET live = 1;"
            "UPDATE senders SET channel = 'other'"
        ),
        "breach_wrong_channel",
    ),
    "a record that nobody can resume": (
        "UPDATE sequence_contacts SET status = 'paused' WHERE status = 'active'",
        "breach_paused_forever",
    ),
    "a try after the lead left": (
        (
            "UPDATE enrollments SET ended_at = '2025-12-31 00:00:00', end_code = 'planted';"
            "UPDATE sequence_contacts SET status = 'cancelled', reason_code = 'planted',"
            " ended_at = '2025-12-31 00:00:00' WHERE completed_at IS NULL"
        ),
        "breach_sent_after_leaving",
    ),
    "a lead in two sequences of a group": (
        (
            "DROP INDEX one_live_enrollment_per_group; DROP INDEX one_live_enrollment;"
            "UPDATE enrollments SET exclusive_group = 'funnel';"
            "INSERT INTO enrollments (sequence_id, version, lead_id, enrolled_at, exclusive_group)"
            " SELECT sequence_id, version, lead_id, enrolled_at, exclusive_group FROM enrollments;"
            "INSERT INTO sequence_contacts (enrollment_id, sequence_id, lead_id, contact_phone, sequence_stepid,"
            " current_step, status, next_trigger_time, planned_time)"
            " SELECT (SELECT max(id) FROM enrollments), sequence_id, lead_id, contact_phone, sequence_stepid,"
            " current_step, status, next_trigger_time, planned_time FROM sequence_contacts"
            " WHERE status IN ('active', 'pending')"
        ),
        "breach_group",
    ),
    "an address that is not the lead's": ("UPDATE enrollments SET address = '60120000000'", "breach_address"),
    "a tally that is wrong": ("UPDATE tallies SET many = many + 3 WHERE step = 2", "breach_tally"),
    "a planned time that moved": (
        (
            "UPDATE sequence_contacts SET planned_time = '2026-01-01 13:00:00',"
            " next_trigger_time = '2026-01-01 13:00:00'"
            " WHERE current_step = 2"
        ),
        "breach_calendar",
    ),
}


@pytest.fixture
def at_work(drip: Dripline, warm: Sequence) -> Dripline:
    """One lead whose first step went."""
    drip.senders.apply(Sender("jb-1", channel="console"))
    drip.apply(warm)
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
    assert drip.verify() == []
    return drip


@pytest.mark.parametrize("what", PLANTED)
def test_the_doctor_finds(what: str, at_work: Dripline, plant: Callable[[str], None]) -> None:
    statements, expected = PLANTED[what]
    plant(statements)

    assert expected in {breach.invariant.statement for breach in at_work.verify()}


def test_every_invariant_is_planted_once() -> None:
    assert {statement for _, statement in PLANTED.values()} == {i.statement for i in INVARIANTS}


@pytest.mark.parametrize(
    ("statements", "constraint"),
    [
        ("UPDATE sequence_contacts SET status = 'active' WHERE current_step = 3", "one_current_record|enrollment_id"),
        ("UPDATE sequence_contacts SET status = 'done' WHERE current_step = 3", "status_is_known"),
        ("UPDATE sequence_contacts SET completed_at = NULL WHERE current_step = 1", "completed_has_its_time"),
        ("UPDATE sequence_contacts SET status = 'failed' WHERE current_step = 2", "end_has_its_time_and_reason"),
        ("UPDATE sequence_contacts SET status = 'sending' WHERE current_step = 2", "sending_has_a_lease"),
        ("UPDATE attempts SET provider_id = NULL", "accepted_has_a_provider_id"),
        (
            (
                "INSERT INTO sequence_contacts (enrollment_id, sequence_id, lead_id, sequence_stepid, current_step,"
                " status, next_trigger_time, planned_time) SELECT enrollment_id, sequence_id, lead_id,"
                " sequence_stepid, current_step, 'pending', next_trigger_time, planned_time"
                " FROM sequence_contacts WHERE current_step = 4"
            ),
            "one_record_per_step|current_step",
        ),
        (
            (
                "INSERT INTO enrollments (sequence_id, version, lead_id, enrolled_at)"
                " SELECT sequence_id, version, lead_id, enrolled_at FROM enrollments"
            ),
            "one_live_enrollment|lead_id",
        ),
    ],
)
def test_the_database_itself_refuses(
    statements: str, constraint: str, at_work: Dripline, plant: Callable[[str], None]
) -> None:
    with pytest.raises(Exception, match=constraint):
        plant(statements)

    assert at_work.verify() == []


def test_a_failed_check_names_the_record_and_what_is_wrong(at_work: Dripline, plant: Callable[[str], None]) -> None:
    plant(PLANTED["a record accepted twice"][0])

    record = at_work.records(phone=LEAD)[0]
    assert (
        at_work.verify()[0].sentence()
        == f"A record is accepted at most once: record {record.id}: try 2 began when try 1 was accepted"
    )


def test_a_held_pass_is_not_a_breach(at_work: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    clock.advance(timedelta(hours=40))
    at_work.tick()

    assert len(fake.accepted) == 2
    assert at_work.verify() == []


MENDED = {
    "a live enrollment that stands nowhere": "activated, its enrollment stood nowhere: record",
    "an ended enrollment with a step to send": "cancelled, its enrollment had ended: record",
    "a lease that nobody looked after": "made active again, its worker was gone before it was sent: record",
    "a lead with a sender of another channel": "given to senders that it names: sequence",
    "an address that is not the lead's": "to be addressed by the next pass, its address was wrong: enrollment",
    "a tally that is wrong": "tallied anew, its tallies were wrong: sequence",
    "an early send": "planned as its calendar says, which had been changed: record",
    "a completion before its time": "completed when it was accepted, which had been changed: record",
    "an unknown record without a reason": "noted as changed by hand: record",
    "a record that is gone": "written back as skipped, it had been deleted: record",
    "a record of another lead": "given back to the lead of its enrollment: record",
    "a load that nobody counted": "counted, its load was wrong: sender",
    "a record that nobody can resume": "paused, its record had been: enrollment",
    "a planned time that moved": "planned as its calendar says, which had been changed: record",
}


@pytest.mark.parametrize("what", MENDED)
def test_a_safe_repair_mends_it_and_says_so(
    what: str, at_work: Dripline, plant: Callable[[str], None], clock: VirtualClock, fake: FakeChannel
) -> None:
    plant(PLANTED[what][0])
    repairs = at_work.records.repair()

    assert MENDED[what] in [mended.deed for mended in repairs]
    assert at_work.verify() == []
    assert at_work.records.repair() == []
    for _ in range(8):
        clock.advance(timedelta(hours=12))
        at_work.tick()
    assert at_work.verify() == []
    assert len({message.record_id for message in fake.accepted}) == len(fake.accepted)


def test_an_enrollment_with_nothing_left_is_ended(at_work: Dripline, plant: Callable[[str], None]) -> None:
    plant("UPDATE sequence_contacts SET status = 'failed', ended_at = '2026-01-01 00:00:00', reason_code = 'planted',"
          " completed_at = NULL")  # fmt: skip

    assert [mended.deed for mended in at_work.records.repair()] == ["ended, nothing was left to send: enrollment"]
    assert at_work.verify() == []


@pytest.mark.parametrize("what", sorted(PLANTED.keys() - MENDED.keys()))
def test_what_is_not_safe_is_left_for_a_person(what: str, at_work: Dripline, plant: Callable[[str], None]) -> None:
    statements, expected = PLANTED[what]
    plant(statements)
    at_work.records.repair()

    assert expected in {breach.invariant.statement for breach in at_work.verify()}


def test_a_healthy_database_is_left_as_it_was(at_work: Dripline) -> None:
    before = at_work.records()

    assert at_work.records.repair() == []
    assert at_work.records() == before
