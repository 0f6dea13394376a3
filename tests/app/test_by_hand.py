"""Records by hand: sent again, now or later, passed over, cancelled; and what keeps one from it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from dripline import (
    Dripline,
    FakeChannel,
    Policy,
    RecordFilter,
    Rejected,
    Sender,
    Sequence,
    StatusGroup,
    Step,
    VirtualClock,
)
from dripline.app.records import records as app_records
from dripline.errors import InvalidFilter

LEAD = "60123456789"
HOUR = timedelta(hours=1)
FAILED = RecordFilter(standings=["failed"])
STEPS = [Step("One"), Step("Two", "12h"), Step("Three", "12h")]

Opens = Callable[..., Dripline]


@pytest.fixture
def failing(url: str, clock: VirtualClock) -> Iterator[Opens]:
    """Opens a database on which the first so many sends are refused, with a lead in a sequence of three steps."""
    opened: list[Dripline] = []

    def opens(times: int = 1, **of: object) -> Dripline:
        fake = FakeChannel([Rejected("bad")] * times)
        drip = Dripline(url, clock=clock, channels={"console": fake})
        opened.append(drip)
        drip.apply(Sequence("Hot", trigger="HOT", steps=[Step("Hot")]))
        drip.apply(Sequence("Warm", trigger="WARM", **{"steps": STEPS} | of))  # type: ignore[arg-type]
        drip.add_lead(phone=LEAD, name="Aina", triggers=["WARM"])
        drip.tick()
        return drip

    yield opens
    for drip in opened:
        drip.close()


def statuses(drip: Dripline) -> list[str]:
    return [str(record.status) for record in drip.records(phone=LEAD)]


def ids(drip: Dripline) -> list[int]:
    return [record.id for record in drip.records(phone=LEAD)]


def why_not(drip: Dripline, step: int = 1) -> str:
    """Retry a step that cannot be sent again, and return why."""
    done = drip.records.retry([ids(drip)[step - 1]])
    assert done.records == ()
    assert drip.verify() == []
    return done.refused[0].reason


def test_a_failed_step_goes_again_and_the_next_one_waits_for_it(failing: Opens, clock: VirtualClock) -> None:
    drip = failing()
    assert statuses(drip) == ["failed", "active", "pending"]
    clock.advance(HOUR)
    done = drip.records.retry(FAILED)

    assert done.records == (ids(drip)[0],)
    assert statuses(drip) == ["active", "pending", "pending"]
    assert drip.tick().sent == 1
    assert statuses(drip) == ["completed", "active", "pending"]
    assert drip.verify() == []


def test_the_gaps_hold_after_a_step_that_was_sent_again(failing: Opens, clock: VirtualClock) -> None:
    drip = failing()
    clock.advance(6 * HOUR)
    drip.records.retry(FAILED)
    drip.tick()

    assert drip.records(phone=LEAD)[1].next_trigger_time == clock.now() + 12 * HOUR


def test_retrying_twice_sends_once(failing: Opens) -> None:
    drip = failing()
    assert len(drip.records.retry(FAILED).records) == 1
    again = drip.records.retry(ids(drip)[:1])

    assert again.records == ()
    assert again.refused[0].reason == "it has not failed: it is active"
    assert drip.tick().sent == 1


def test_a_run_that_stopped_for_its_failure_goes_on(failing: Opens) -> None:
    drip = failing(policy=Policy(on_failure="stop"))
    assert statuses(drip) == ["failed", "cancelled", "cancelled"]
    assert len(drip.records.retry(FAILED).records) == 1

    assert statuses(drip) == ["active", "pending", "pending"]
    assert drip.records.find_enrollments().rows[0].ended_at is None
    assert drip.verify() == []
    assert drip.tick().sent == 1


def test_a_failed_last_step_goes_again(failing: Opens) -> None:
    drip = failing(steps=[Step("One")])
    assert drip.records.find_enrollments().rows[0].end_reason == "completed"
    drip.records.retry(FAILED)

    assert drip.verify() == []
    assert drip.tick().sent == 1
    assert drip.records.find_enrollments().rows[0].end_reason == "completed"


def test_a_failed_step_is_not_sent_again_once_the_next_one_was(failing: Opens, clock: VirtualClock) -> None:
    drip = failing()
    clock.advance(12 * HOUR)
    drip.tick()

    assert why_not(drip) == "step 2 was tried after it"


def test_a_step_is_not_sent_again_where_its_end_began_another_sequence(failing: Opens) -> None:
    drip = failing(steps=[Step("One")], then="HOT")

    assert "the trigger HOT, which would begin once more" in why_not(drip)


def test_a_step_is_not_sent_again_to_who_has_opted_out(failing: Opens) -> None:
    drip = failing()
    drip.opt_out(phone=LEAD)

    assert why_not(drip) == "its lead is not sent to: the lead opted out"


def test_a_step_is_not_sent_again_once_its_run_ended_for_something_else(failing: Opens) -> None:
    drip = failing()
    drip.leads.exit(phone=LEAD)

    assert why_not(drip) == "its run has ended: ended by a person"


def test_a_step_is_not_sent_again_while_its_run_is_paused(failing: Opens) -> None:
    drip = failing()
    drip.pause(phone=LEAD)

    assert why_not(drip) == "its run is paused: resume it first"


def test_a_step_is_not_sent_again_while_its_lead_runs_anew(failing: Opens) -> None:
    drip = failing(steps=[Step("One")], policy=Policy(re_entry="after_exit", re_entry_gap="0s"))
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.leads.remove_trigger("WARM", phone=LEAD)
    drip.add_lead(phone=LEAD, triggers=["WARM"])

    assert "again" in why_not(drip)


def test_a_step_is_not_sent_again_once_its_lead_has_reached_the_goal(failing: Opens) -> None:
    drip = failing(steps=[Step("One")], goal="BOUGHT")
    drip.add_lead(phone=LEAD, triggers=["BOUGHT"])

    assert why_not(drip) == "its lead has reached the goal BOUGHT"


def test_a_step_is_not_sent_again_once_its_sequence_is_archived(failing: Opens) -> None:
    drip = failing(steps=[Step("One")])
    drip.sequences.archive("Warm")

    assert why_not(drip) == "its sequence is archived"


def test_what_failed_by_an_archived_sender_goes_again_by_another(url: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel([Rejected("banned")])}) as drip:
        drip.senders.apply(Sender("old", channel="console"))
        drip.apply(Sequence("Warm", trigger="WARM", senders=["old"], steps=[Step("One")]))
        drip.add_lead(phone=LEAD, triggers=["WARM"])
        drip.tick()
        drip.senders.apply(Sender("new", channel="console"))
        drip.senders.archive("old", to="new")
        assert len(drip.records.retry(FAILED).records) == 1

        assert drip.records.find().rows[0].sender == "new"
        assert [sender.live for sender in drip.senders.all()] == [1, 0]
        assert drip.verify() == []
        assert drip.tick().sent == 1
        assert drip.verify() == []


def test_a_step_goes_before_its_time_when_a_person_says_so(failing: Opens, clock: VirtualClock) -> None:
    drip = failing(times=0)
    second = ids(drip)[1]
    assert drip.records.send_now([second]).records == (second,)

    assert drip.records(phone=LEAD)[1].planned_time == clock.now() + 12 * HOUR
    assert drip.verify() == []
    assert drip.tick().sent == 1
    assert statuses(drip) == ["completed", "completed", "active"]
    assert drip.verify() == []


def test_why_tells_who_moved_it(failing: Opens) -> None:
    drip = failing(times=0)
    second = ids(drip)[1]
    drip.records.send_now([second])
    detail = drip.records.get(second)

    assert detail is not None
    assert "moved to 2026-01-01 08:00:00 +08 by a person, who had it sent now" in detail.why
    assert detail.why.endswith("goes at the processor's next pass")


def test_what_does_not_stand_there_is_not_sent_now(failing: Opens) -> None:
    drip = failing(times=0)
    first, second, third = ids(drip)
    done = drip.records.send_now([first, second, third, 5])

    assert done.records == (second,)
    assert {one.record_id: one.reason for one in done.refused} == {
        first: "it has ended: completed",
        third: "it waits for step 2 to end",
        5: "there is no such record",
    }
    assert drip.records.send_now([second]).refused[0].reason == "it is due already"


def test_a_window_still_holds_for_what_is_sent_now(failing: Opens, clock: VirtualClock) -> None:
    drip = failing(times=0, steps=[Step("One"), Step("Two", "12h", window="Mon-Sun 18:00-20:00")])
    drip.records.send_now([ids(drip)[1]])

    assert drip.tick().sent == 0
    assert drip.records(phone=LEAD)[1].next_trigger_time > clock.now()
    assert drip.verify() == []


def test_a_record_is_rescheduled_and_goes_then(failing: Opens, clock: VirtualClock) -> None:
    drip = failing(times=0)
    at = clock.now() + 20 * HOUR
    assert drip.records.reschedule_one(ids(drip)[1], at).records == (ids(drip)[1],)
    clock.advance(19 * HOUR)
    assert drip.tick().sent == 0
    clock.advance(HOUR)

    assert drip.tick().sent == 1
    assert drip.verify() == []


def test_a_pending_record_keeps_the_time_that_it_was_given(failing: Opens, clock: VirtualClock) -> None:
    drip = failing(times=0)
    at = clock.now() + HOUR
    drip.records.reschedule_one(ids(drip)[2], at)
    clock.advance(2 * HOUR)

    assert drip.tick().sent == 0
    assert drip.verify() == []
    assert drip.records.reschedule_one(ids(drip)[2], at + 4 * HOUR).records
    assert drip.records.reschedule_one(ids(drip)[0], at + 4 * HOUR).refused[0].reason == "it has ended: completed"


def test_nothing_is_rescheduled_into_the_past(failing: Opens, clock: VirtualClock) -> None:
    drip = failing(times=0)

    with pytest.raises(InvalidFilter, match="an instant to come"):
        drip.records.reschedule_one(ids(drip)[1], clock.now())


def test_a_step_is_passed_over_and_the_next_one_waits_for_its_time(failing: Opens, clock: VirtualClock) -> None:
    drip = failing(times=0)
    first, second, third = ids(drip)
    assert drip.records.skip_one(second, reason="wrong text").records == (second,)

    assert statuses(drip) == ["completed", "skipped", "active"]
    assert drip.records(phone=LEAD)[1].reason == "a person: wrong text"
    assert drip.records.skip_one(first).refused[0].reason == "it has ended: completed"
    clock.advance(24 * HOUR)
    assert drip.tick().sent == 1
    assert drip.records.skip_one(third).records == ()
    assert drip.verify() == []


def test_passing_over_many_passes_over_one_step_of_each_lead(failing: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second batch would find the third step active."""
    drip = failing(times=0)
    monkeypatch.setattr(app_records, "BATCH", 1)
    done = drip.records.skip(RecordFilter())

    assert statuses(drip) == ["completed", "skipped", "active"]
    assert len(done.records) == 1
    assert drip.verify() == []


def test_many_are_given_another_time(failing: Opens, clock: VirtualClock) -> None:
    drip = failing(times=0)
    done = drip.records.reschedule(RecordFilter(), clock.now() + 48 * HOUR)

    assert len(done.records) == 2
    assert {record.next_trigger_time for record in drip.records(phone=LEAD)[1:]} == {clock.now() + 48 * HOUR}


def test_passing_over_the_last_step_ends_the_run(failing: Opens) -> None:
    drip = failing(times=0, steps=[Step("One"), Step("Two", "12h")])
    drip.records.skip_one(ids(drip)[1])

    assert drip.records.find_enrollments().rows[0].end_reason == "completed"
    assert drip.verify() == []


def test_cancelling_where_a_run_stands_ends_it(failing: Opens) -> None:
    drip = failing(times=0)
    drip.records.cancel([ids(drip)[1]], reason="asked us to")

    assert statuses(drip) == ["completed", "cancelled", "cancelled"]
    assert drip.records.find_enrollments().rows[0].end_reason == "a person: asked us to"
    assert drip.verify() == []


def test_cancelling_a_later_step_lets_the_earlier_ones_go(failing: Opens, clock: VirtualClock) -> None:
    drip = failing(times=0)
    drip.records.cancel(RecordFilter(sequence="Warm", step=3))
    assert statuses(drip) == ["completed", "active", "cancelled"]
    clock.advance(12 * HOUR)

    assert drip.tick().sent == 1
    assert drip.records.find_enrollments().rows[0].end_reason == "cancelled by a person"
    assert drip.verify() == []


def test_cancelling_twice_does_it_once(failing: Opens) -> None:
    drip = failing(times=0)
    wanted = RecordFilter(standings=[StatusGroup.PENDING, StatusGroup.ACTIVE])

    assert len(drip.records.cancel(wanted).records) == 2
    assert drip.records.cancel(wanted).records == ()


def test_what_is_done_to_many_is_done_in_batches(drip: Dripline) -> None:
    drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One", "12h")]))
    for place in range(520):
        drip.add_lead(phone=f"601{20000000 + place}", triggers=["WARM"])

    assert len(drip.records.send_now(RecordFilter(sequence="Warm")).records) == 520
    assert drip.tick().sent == 520
    assert drip.verify() == []
