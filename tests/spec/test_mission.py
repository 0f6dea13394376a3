"""The mission, word for word, on both databases."""

from datetime import datetime, timedelta

import pytest

from dripline import Dripline, FakeChannel, Sequence, Status, VirtualClock

HOUR = timedelta(hours=1)
LEAD = "60123456789"


@pytest.fixture
def enrolled(drip: Dripline, warm: Sequence) -> Dripline:
    drip.apply(warm)
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    return drip


def statuses(drip: Dripline) -> list[Status]:
    return [record.status for record in drip.records(phone=LEAD)]


def test_a_matching_lead_gets_four_records_with_the_statuses_and_times_of_the_table(
    enrolled: Dripline, clock: VirtualClock
) -> None:
    now = clock.now()

    assert [(r.current_step, r.status, r.next_trigger_time - now) for r in enrolled.records(phone=LEAD)] == [
        (1, "active", 0 * HOUR),
        (2, "pending", 12 * HOUR),
        (3, "pending", 24 * HOUR),
        (4, "pending", 36 * HOUR),
    ]


def test_each_record_names_its_own_step_and_the_lead(enrolled: Dripline) -> None:
    records = enrolled.records(phone=LEAD)

    assert len({record.sequence_stepid for record in records}) == 4
    assert {record.contact_phone for record in records} == {LEAD}


def test_the_due_query_finds_step_one_only_at_hour_zero(enrolled: Dripline) -> None:
    assert [record.current_step for record in enrolled.due()] == [1]


def test_step_two_is_active_with_its_own_time_right_after_step_one(enrolled: Dripline, clock: VirtualClock) -> None:
    enrolled.tick()

    assert statuses(enrolled) == ["completed", "active", "pending", "pending"]
    assert enrolled.records(phone=LEAD)[1].next_trigger_time == clock.now() + 12 * HOUR
    assert enrolled.due() == []


def test_each_step_goes_at_its_hour_and_no_tick_in_between_sends_anything(
    enrolled: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    sent_at: dict[int, datetime] = {}
    start = clock.now()
    while clock.now() < start + 40 * HOUR:
        if enrolled.tick().sent:
            sent_at[len(fake.accepted)] = clock.now()
        clock.advance(timedelta(minutes=15))

    assert sent_at == {1: start, 2: start + 12 * HOUR, 3: start + 24 * HOUR, 4: start + 36 * HOUR}
    assert [(m.step, m.to, m.text) for m in fake.accepted] == [
        (1, LEAD, "One for Aina"), (2, LEAD, "Two"), (3, LEAD, "Three"), (4, LEAD, "Four"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (0, ["completed", "active", "pending", "pending"]),
        (12, ["completed", "completed", "active", "pending"]),
        (24, ["completed", "completed", "completed", "active"]),
        (36, ["completed", "completed", "completed", "completed"]),
    ],
)
def test_the_flow_at_each_hour(enrolled: Dripline, clock: VirtualClock, hour: int, expected: list[str]) -> None:
    for _ in range(0, hour, 12):
        enrolled.tick()
        clock.advance(12 * HOUR)
    enrolled.tick()

    assert statuses(enrolled) == expected


def test_fifteen_second_ticks_send_step_two_at_its_second(
    enrolled: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    enrolled.tick()
    clock.advance(12 * HOUR - timedelta(seconds=15))

    assert enrolled.tick().sent == 0
    clock.advance(timedelta(seconds=15))
    assert enrolled.tick().sent == 1
    assert [message.step for message in fake.accepted] == [1, 2]


def test_a_second_tick_at_once_sends_nothing(enrolled: Dripline) -> None:
    assert enrolled.tick().sent == 1
    assert enrolled.tick().sent == 0


def test_step_number_and_step_id_never_change(enrolled: Dripline, clock: VirtualClock) -> None:
    before = [(r.id, r.current_step, r.sequence_stepid, r.planned_time) for r in enrolled.records(phone=LEAD)]
    for _ in range(4):
        enrolled.tick()
        clock.advance(12 * HOUR)

    after = [(r.id, r.current_step, r.sequence_stepid, r.planned_time) for r in enrolled.records(phone=LEAD)]
    assert before == after


def test_completed_has_the_time_the_provider_accepted_it(enrolled: Dripline, clock: VirtualClock) -> None:
    enrolled.tick()

    record = enrolled.records(phone=LEAD)[0]
    attempt = enrolled.leads.timelines(phone=LEAD)[0].attempts[0]
    assert record.completed_at == clock.now() == attempt.finished_at
    assert (attempt.outcome, attempt.text) == ("accepted", "One for Aina")
    assert attempt.provider_id


def test_no_invariant_is_broken_at_any_hour(enrolled: Dripline, clock: VirtualClock) -> None:
    for _ in range(40):
        enrolled.tick()
        assert enrolled.verify() == []
        clock.advance(HOUR)

    assert enrolled.reports.counts() == {"leads": 1, "enrollments": 1, "completed": 4}
