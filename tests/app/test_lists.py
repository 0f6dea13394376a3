"""What the lists show, beside which rows: `tests/property/test_list_properties.py` has that."""

from collections.abc import Callable
from csv import DictReader
from datetime import timedelta

import pytest

from dripline import (
    AttemptFilter,
    Dripline,
    EnrollmentFilter,
    LeadFilter,
    RecordFilter,
    Sequence,
    StatusGroup,
    VirtualClock,
)
from dripline.errors import InvalidFilter, InvalidSender, InvalidSequence

LEAD = "60123456789"


@pytest.fixture
def warmed(drip: Dripline, warm: Sequence) -> Dripline:
    """A lead whose first step was sent."""
    drip.apply(warm)
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
    return drip


def test_a_listed_lead_tells_what_it_is_in_and_what_comes(warmed: Dripline, clock: VirtualClock) -> None:
    row = warmed.leads.find(LeadFilter("012345")).rows[0]

    assert (row.person.name, row.triggers, row.sequences) == ("Aina", ("WARMEXAMA",), ("Warm EXAMA",))
    assert row.next_send_at == clock.now() + timedelta(hours=12)
    assert row.last_result is not None
    assert (row.last_result.status, row.last_result.at, row.barred) == ("completed", clock.now(), None)


def test_a_lead_that_left_has_nothing_to_come(warmed: Dripline) -> None:
    warmed.opt_out(phone=LEAD)
    row = warmed.leads.find(LeadFilter(is_barred=True)).rows[0]

    assert (row.next_send_at, row.sequences, row.barred) == (None, (), "the lead opted out")


def test_records_are_exported_as_they_are_listed_past_the_first_page(drip: Dripline, warm: Sequence) -> None:
    drip.apply(warm)
    drip.add_lead(phone=LEAD, name="=HYPERLINK(1)", triggers=["WARMEXAMA"])
    for number in range(60):
        drip.add_lead(phone=f"6012345{number:04}", triggers=["WARMEXAMA"])
    drip.tick()
    wanted = RecordFilter(sequence="Warm EXAMA", order="earliest")
    rows = list(DictReader(drip.records.export(wanted)))
    first = drip.records.find(wanted, size=200).rows

    assert len(rows) == 61 * 4
    assert [int(row["record"]) for row in rows[:200]] == [row.id for row in first]
    assert len({row["record"] for row in rows}) == len(rows)
    mine = [row for row in rows if row["phone"] == LEAD]
    assert [(row["name"], row["step"], row["status"]) for row in mine][:2] == [
        ("'=HYPERLINK(1)", "1", "completed"),
        ("'=HYPERLINK(1)", "2", "active"),
    ]
    assert mine[0]["completed_at"] == drip.now().isoformat()
    assert (mine[1]["completed_at"], mine[1]["reason"]) == ("", "")


def test_what_is_due_now_is_what_is_active_until_a_second_from_now(warmed: Dripline, clock: VirtualClock) -> None:
    clock.advance(timedelta(hours=12))
    due = RecordFilter(standings=[StatusGroup.ACTIVE], until=clock.now() + timedelta(seconds=1))

    assert warmed.records.count(due) == warmed.records.count_due() == 1
    assert [row.id for row in warmed.records.find(due).rows] == [record.id for record in warmed.due()]


def test_a_listed_record_tells_whose_it_is_and_how_it_stands(warmed: Dripline) -> None:
    row = warmed.records.find(RecordFilter(sequence="Warm EXAMA", step=1)).rows[0]

    assert (row.person.phone, row.version, row.step, row.status, row.attempts) == (LEAD, 1, 1, "completed", 1)
    assert row.hour_at == row.completed_at


def test_a_listed_enrollment_tells_where_it_stands(warmed: Dripline) -> None:
    row = warmed.records.find_enrollments(EnrollmentFilter(is_live=True)).rows[0]

    assert row.stands is not None
    assert (row.stands.step, row.stands.status, row.steps) == (2, "active", 4)
    assert warmed.records.find_enrollments(EnrollmentFilter(is_live=False)).rows == ()


def test_a_listed_try_tells_what_came_of_it(warmed: Dripline) -> None:
    row = warmed.records.find_attempts(AttemptFilter("accepted", sequence="Warm EXAMA")).rows[0]

    assert (row.attempt.text, row.person.name, row.step) == ("One for Aina", "Aina", 1)


def test_a_record_is_shown_with_its_words_tries_and_reason(warmed: Dripline) -> None:
    detail = warmed.records.get(warmed.records()[0].id)

    assert detail is not None
    assert (detail.message, detail.lead.name, len(detail.attempts)) == ("One for {{ name }}", "Aina", 1)
    assert detail.why.startswith("accepted at ")


def test_an_enrollment_is_shown_with_its_records(warmed: Dripline) -> None:
    detail = warmed.records.get_enrollment(warmed.records.find_enrollments().rows[0].id)

    assert detail is not None
    assert [record.step for record in detail.records] == [1, 2, 3, 4]


def test_a_lead_is_shown_by_its_id_as_by_its_address(warmed: Dripline) -> None:
    lead = warmed.leads.with_address(phone=LEAD)[0]

    assert warmed.leads.get(lead.id) == warmed.leads.timelines(phone=LEAD)[0]


def test_what_is_not_there_is_none(drip: Dripline) -> None:
    assert (drip.leads.get(5), drip.records.get(5), drip.records.get_enrollment(5)) == (None, None, None)


def test_a_name_that_is_not_there_is_refused(drip: Dripline) -> None:
    with pytest.raises(InvalidSequence):
        drip.records.find(RecordFilter(sequence="None"))
    with pytest.raises(InvalidSender):
        drip.records.find_attempts(AttemptFilter(sender="none"))


def test_a_cursor_of_another_list_is_refused(warmed: Dripline) -> None:
    cursor = warmed.records.find(size=1).next

    assert cursor is not None
    with pytest.raises(InvalidFilter, match="begin at its first page"):
        warmed.records.find_attempts(cursor=cursor)


def test_records_of_too_many_leads_are_not_looked_for(drip: Dripline, plant: Callable[[str], None]) -> None:
    values = ", ".join(f"('60{n}', 'x', '{{}}', '2026-01-01', '2026-01-01')" for n in range(100_000, 101_001))
    plant(f"INSERT INTO leads (phone, name, attributes, created_at, updated_at) VALUES {values}")

    with pytest.raises(InvalidFilter, match="write more of it"):
        drip.records.find(RecordFilter(text="60"))
