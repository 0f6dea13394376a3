"""What each answer of a provider leads to, through the public surface, on both databases."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from dripline import (
    Accepted,
    Dripline,
    FakeChannel,
    Message,
    Outcome,
    ReasonCode,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Sequence,
    Status,
    Step,
    StepRecord,
    Unknown,
    VirtualClock,
)
from dripline.core.time.schedule import FAILURE_LIMIT

HOUR = timedelta(hours=1)
LEAD = "60123456789"

Answering = Callable[..., Dripline]


class Crash(BaseException):
    """The worker's process is gone."""


@pytest.fixture
def answering(url: str, clock: VirtualClock, warm: Sequence) -> Iterator[Answering]:
    """Opens dripline with a provider that gives these answers first and then accepts, and one enrolled lead."""
    opened: list[Dripline] = []

    def answer(*outcomes: Outcome, idempotent: bool = False) -> Dripline:
        drip = Dripline(url, clock=clock, channels={"console": FakeChannel(outcomes, idempotent=idempotent)})
        opened.append(drip)
        drip.apply(warm)
        drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
        return drip

    yield answer
    for drip in opened:
        assert drip.verify() == []
        drip.close()


def first(drip: Dripline) -> StepRecord:
    return drip.records(phone=LEAD)[0]


def statuses(drip: Dripline) -> list[Status]:
    return [record.status for record in drip.records(phone=LEAD)]


def test_a_step_is_not_completed_until_the_provider_accepted_it(answering: Answering) -> None:
    drip = answering(RetryLater("busy"))

    assert drip.tick().retried == 1
    assert statuses(drip) == ["active", "pending", "pending", "pending"]


def test_a_retry_waits_for_the_time_the_provider_gave(answering: Answering, clock: VirtualClock) -> None:
    drip = answering(RetryLater("busy", after=HOUR))
    drip.tick()

    assert first(drip).next_trigger_time == clock.now() + HOUR
    clock.advance(HOUR - timedelta(seconds=1))
    assert drip.tick().sent == 0
    clock.advance(timedelta(seconds=1))
    assert drip.tick().sent == 1


def test_a_channel_may_give_the_wait_in_seconds(answering: Answering, clock: VirtualClock) -> None:
    drip = answering(RetryLater("busy", after=90))
    drip.tick()

    assert first(drip).next_trigger_time == clock.now() + timedelta(seconds=90)


def test_an_instant_without_a_zone_is_taken_as_utc(answering: Answering, clock: VirtualClock) -> None:
    drip = answering(SenderUnavailable("banned", until=(clock.now() + HOUR).replace(tzinfo=None)))
    drip.tick()
    clock.advance(HOUR - timedelta(seconds=1))

    assert drip.tick().sent == 0
    clock.advance(timedelta(seconds=1))
    assert drip.tick().sent == 1


def test_retries_end_after_the_limit_and_the_sequence_goes_on(answering: Answering, clock: VirtualClock) -> None:
    drip = answering(*[RetryLater("busy", after=HOUR)] * FAILURE_LIMIT)
    for _ in range(FAILURE_LIMIT):
        drip.tick()
        clock.advance(HOUR)

    assert statuses(drip)[:2] == ["failed", "active"]
    assert first(drip).reason == f"given up after {FAILURE_LIMIT} failed tries: busy"


def test_a_rejected_message_fails_and_the_next_step_becomes_active(answering: Answering) -> None:
    drip = answering(Rejected("bad text"))

    assert drip.tick().failed == 1
    assert statuses(drip) == ["failed", "active", "pending", "pending"]
    assert first(drip).reason == "the provider refused the message: bad text"


def test_a_rejected_contact_ends_the_enrollment(answering: Answering) -> None:
    drip = answering(Rejected("no such number", scope="contact"))
    drip.tick()

    assert statuses(drip) == ["failed", "cancelled", "cancelled", "cancelled"]
    assert (
        drip.leads.timelines(phone=LEAD)[0].enrollments[0].end_reason
        == "the provider refused the contact: no such number"
    )


def test_a_suppressed_contact_is_never_enrolled_again(answering: Answering) -> None:
    drip = answering(Rejected("blocked us", scope="contact", suppress=True))
    drip.tick()
    drip.apply(Sequence("Other", trigger="OTHER", steps=[Step("Hi")]))

    assert drip.add_lead(phone=LEAD, triggers=["OTHER"]).enrolled == 0


def test_a_stop_counts_before_a_refusal_that_may_be_undone(answering: Answering) -> None:
    drip = answering(Rejected("blocked us", scope="contact", suppress=True))
    drip.tick()
    drip.inbox.receive("STOP", phone=LEAD)

    assert [bar.reason_code for bar in drip.leads.suppressions()] == [ReasonCode.OPTED_OUT]


def test_a_stop_counts_before_the_refusal_of_an_address_that_comes_later(answering: Answering) -> None:
    drip = answering(Rejected("blocked us", scope="contact", suppress=True))
    drip.tick()
    drip.add_lead(email="aisha@example.com")
    drip.inbox.receive("STOP", email="aisha@example.com")
    drip.add_lead(phone=LEAD, email="aisha@example.com")

    assert {bar.reason_code for bar in drip.leads.suppressions()} == {ReasonCode.OPTED_OUT}


def test_a_rejected_template_pauses_the_step_until_its_text_is_corrected(answering: Answering, warm: Sequence) -> None:
    drip = answering(Rejected("bad template", scope="template"))

    assert drip.tick().held == 1
    assert drip.tick().sent == 0
    corrected = Sequence(warm.name, trigger=warm.trigger, steps=[Step("Better"), *warm.steps[1:]])
    drip.apply(corrected)
    assert drip.tick().sent == 1
    assert statuses(drip)[0] == "completed"


def test_an_unavailable_sender_keeps_its_records_due_and_burns_no_try(
    answering: Answering, clock: VirtualClock
) -> None:
    drip = answering(*[SenderUnavailable("logged out")] * (FAILURE_LIMIT + 1))
    due_at = first(drip).next_trigger_time
    for _ in range(FAILURE_LIMIT + 1):
        assert drip.tick().held == 1
        clock.advance(timedelta(minutes=1))

    assert (first(drip).status, first(drip).next_trigger_time) == ("active", due_at)
    assert drip.tick().sent == 1


def test_nothing_goes_through_an_unavailable_sender_before_its_time(answering: Answering, clock: VirtualClock) -> None:
    drip = answering(SenderUnavailable("banned", until=clock.now() + HOUR))
    drip.tick()
    clock.advance(HOUR - timedelta(seconds=1))

    assert drip.tick().sent == 0
    clock.advance(timedelta(seconds=1))
    assert drip.tick().sent == 1


def test_an_unknown_record_is_held_then_passed_over_and_never_sent_again(
    answering: Answering, clock: VirtualClock
) -> None:
    drip = answering(Unknown("read timeout"))

    assert drip.tick().unknown == 1
    assert statuses(drip)[:2] == ["unknown", "pending"]
    clock.advance(timedelta(minutes=10))
    drip.tick()
    assert statuses(drip)[:2] == ["unknown", "active"]
    assert first(drip).reason == "no answer came, it may have been sent: read timeout"


def test_an_idempotent_channel_gets_an_unknown_record_again_at_once(answering: Answering) -> None:
    drip = answering(Unknown("read timeout"), idempotent=True)
    drip.tick()

    assert drip.tick().sent == 1
    assert statuses(drip)[:2] == ["completed", "active"]


def test_a_channel_that_raises_or_answers_nonsense_leaves_an_unknown_record(url: str, warm: Sequence) -> None:
    class Broken:
        async def send(self, message: Message) -> Outcome:
            if message.lead.name == "raise":
                raise RuntimeError("bug")
            return None  # pyright: ignore[reportReturnType]  # the nonsense under test

    with Dripline(url, channels={"console": Broken()}) as drip:
        drip.apply(warm)
        drip.add_lead(phone=LEAD, name="raise", triggers=["WARMEXAMA"])
        drip.add_lead(phone="60123456780", name="nothing", triggers=["WARMEXAMA"])

        assert drip.tick().unknown == 2
        assert drip.verify() == []


@pytest.mark.parametrize("provider_id", ["", "a\x00b", "\ud800", "x" * 5_000])
def test_an_odd_provider_id_does_not_undo_an_acceptance(answering: Answering, provider_id: str) -> None:
    drip = answering(Accepted(provider_id))

    assert drip.tick().sent == 1


def test_an_odd_error_text_is_kept_as_far_as_it_is_text(answering: Answering) -> None:
    drip = answering(Rejected("a\x00b" + "x" * 5_000))

    assert drip.tick().failed == 1
    assert "abx" in (first(drip).reason or "")


def test_a_crash_after_the_provider_accepted_never_sends_twice(url: str, clock: VirtualClock, warm: Sequence) -> None:
    accepted: list[int] = []

    class Crashing:
        async def send(self, message: Message) -> Outcome:
            accepted.append(message.record_id)
            if len(accepted) == 1:
                raise Crash
            return Accepted("id")

    with Dripline(url, clock=clock, channels={"console": Crashing()}) as drip:
        drip.apply(warm)
        drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"])
        with pytest.raises(BaseExceptionGroup):
            drip.tick()
        assert first(drip).status == "sending"
        clock.advance(timedelta(minutes=6))
        assert drip.tick().lost == 1
        clock.advance(timedelta(hours=12))
        drip.tick()
        drip.tick()

        assert statuses(drip)[:2] == ["unknown", "completed"]
        assert len(accepted) == len(set(accepted)) == 2


def test_an_opt_out_cancels_what_is_left_and_nothing_more_is_sent(answering: Answering, clock: VirtualClock) -> None:
    drip = answering()
    drip.tick()

    assert drip.opt_out(phone=LEAD) == 1
    clock.advance(48 * HOUR)
    assert drip.tick().sent == 0
    assert statuses(drip) == ["completed", "cancelled", "cancelled", "cancelled"]


def test_a_lead_that_opts_out_while_it_is_being_sent_to_gets_nothing_more(
    url: str, clock: VirtualClock, warm: Sequence
) -> None:
    """The record in flight settles; what it leaves behind is not sent, whatever the provider answered."""
    offered: list[int] = []

    class OptingOut:
        async def send(self, message: Message) -> Outcome:
            offered.append(message.step)
            with Dripline(url, clock=clock) as other:
                other.opt_out(phone=LEAD)
            return RetryLater("busy", after=HOUR)

    with Dripline(url, clock=clock, channels={"console": OptingOut()}) as drip:
        drip.apply(warm)
        drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"])
        drip.tick()
        clock.advance(HOUR)

        assert drip.tick().cancelled == 1
        assert (offered, statuses(drip)) == ([1], ["cancelled"] * 4)
        assert drip.leads.timelines(phone=LEAD)[0].enrollments[0].end_reason == "the lead opted out"
        assert drip.verify() == []


def test_an_address_that_is_barred_with_a_rejected_message_gets_no_next_step(
    answering: Answering, clock: VirtualClock
) -> None:
    drip = answering(Rejected("complained", suppress=True))
    drip.tick()
    clock.advance(12 * HOUR)

    assert drip.tick().cancelled == 1
    assert statuses(drip) == ["failed", "cancelled", "cancelled", "cancelled"]


def test_a_crowd_is_sent_in_one_pass_and_each_lead_gets_one_message(
    url: str, warm: Sequence, clock: VirtualClock
) -> None:
    fake = FakeChannel()
    with Dripline(url, clock=clock, channels={"console": fake}) as drip:
        drip.apply(warm)
        for number in range(1_203):
            drip.add_lead(phone=f"6012{number:07d}", triggers=["WARMEXAMA"])

        assert drip.tick().sent == 1_203
        assert len({message.to for message in fake.accepted}) == 1_203
        assert drip.verify() == []
