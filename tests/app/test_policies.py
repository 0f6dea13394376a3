"""What a sequence says should happen when a step fails, or when nobody knows whether it went."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, Outcome, Policy, Rejected, Sequence, Step, Unknown, VirtualClock
from dripline.core.time.schedule import FAILURE_LIMIT

LEAD = "60123456789"
MINUTE = timedelta(minutes=1)

Opened = Callable[..., Dripline]


@pytest.fixture
def under(url: str, clock: VirtualClock) -> Iterator[Opened]:
    """Opens dripline with a policy and a provider that gives these answers first, and one enrolled lead."""
    opened: list[Dripline] = []

    def open_one(policy: Policy, *outcomes: Outcome) -> Dripline:
        drip = Dripline(url, clock=clock, channels={"console": FakeChannel(outcomes)})
        opened.append(drip)
        steps = [Step("One {{ name }}"), Step("Two", "1h"), Step("Three", "1h")]
        drip.apply(Sequence("Warm", trigger="WARM", steps=steps, policy=policy))
        drip.add_lead(phone=LEAD, name="Aina", triggers=["WARM"])
        return drip

    yield open_one
    for drip in opened:
        assert drip.verify() == []
        drip.close()


def statuses(drip: Dripline) -> list[str]:
    return [str(record.status) for record in drip.records(phone=LEAD)]


def test_a_failed_step_ends_a_sequence_that_stops_on_failure(under: Opened) -> None:
    drip = under(Policy(on_failure="stop"), Rejected("bad text"))
    drip.tick()

    assert statuses(drip) == ["failed", "cancelled", "cancelled"]
    assert drip.leads.timelines(phone=LEAD)[0].enrollments[0].end_reason == "the provider refused the message: bad text"


def test_an_unknown_step_is_held_as_long_as_the_sequence_says(under: Opened, clock: VirtualClock) -> None:
    drip = under(Policy(unknown_after="3m"), Unknown("silence"))
    drip.tick()
    clock.advance(3 * MINUTE - timedelta(seconds=1))
    drip.tick()
    assert statuses(drip) == ["unknown", "pending", "pending"]
    clock.advance(timedelta(seconds=1))
    drip.tick()

    assert statuses(drip) == ["unknown", "active", "pending"]


def test_a_sequence_that_resends_sends_an_unknown_step_again(under: Opened, clock: VirtualClock) -> None:
    drip = under(Policy(on_unknown="resend", unknown_after="3m"), Unknown("silence"))
    drip.tick()
    assert drip.tick().sent == 0
    clock.advance(3 * MINUTE)

    assert drip.tick().sent == 1
    assert statuses(drip) == ["completed", "active", "pending"]


def test_a_sequence_that_resends_gives_up_at_the_limit(under: Opened, clock: VirtualClock) -> None:
    drip = under(Policy(on_unknown="resend", unknown_after="1m"), *[Unknown("silence")] * (FAILURE_LIMIT + 5))
    for _ in range(60):
        drip.tick()
        clock.advance(MINUTE)

    first = drip.leads.timelines(phone=LEAD)[0].records[0]
    assert (first.status, first.attempt) == ("unknown", FAILURE_LIMIT)
    assert statuses(drip)[1] != "pending"


def test_a_sequence_that_holds_waits_for_a_person(under: Opened, clock: VirtualClock) -> None:
    drip = under(Policy(on_unknown="hold"), Unknown("silence"))
    for _ in range(100):
        drip.tick()
        clock.advance(timedelta(days=1))

    assert statuses(drip) == ["unknown", "pending", "pending"]


@pytest.mark.parametrize("on_unknown", ["hold", "advance"])
def test_a_person_can_say_that_it_went(under: Opened, on_unknown: str) -> None:
    drip = under(Policy(on_unknown=on_unknown), Unknown("silence"))
    drip.tick()
    record = drip.records(phone=LEAD)[0]

    assert drip.records.unknown.confirm_sent(record.id)
    assert statuses(drip) == ["completed", "active", "pending"]
    assert drip.leads.timelines(phone=LEAD)[0].attempts[0].provider_id == "confirmed by a person"
    assert not drip.records.unknown.confirm_sent(record.id)


def test_a_person_can_say_that_it_went_after_the_sequence_went_on(under: Opened, clock: VirtualClock) -> None:
    drip = under(Policy(), Unknown("silence"))
    drip.tick()
    clock.advance(11 * MINUTE)
    drip.tick()
    clock.advance(60 * MINUTE)
    drip.tick()
    assert statuses(drip) == ["unknown", "completed", "active"]

    assert drip.records.unknown.confirm_sent(drip.records(phone=LEAD)[0].id)
    assert statuses(drip) == ["completed", "completed", "active"]


def test_a_person_can_have_it_sent_again(under: Opened) -> None:
    drip = under(Policy(on_unknown="hold"), Unknown("silence"))
    drip.tick()
    record = drip.records(phone=LEAD)[0]

    assert drip.records.unknown.send_again(record.id)
    assert drip.tick().sent == 1
    assert statuses(drip) == ["completed", "active", "pending"]
    assert not drip.records.unknown.send_again(record.id)


def test_a_changed_policy_is_shown_and_applied_without_a_new_version(under: Opened) -> None:
    drip = under(Policy())
    steps = [Step("One {{ name }}"), Step("Two", "1h"), Step("Three", "1h")]
    applied = drip.apply(Sequence("Warm", trigger="WARM", steps=steps, policy=Policy(on_failure="stop")))

    assert (applied.plan.changes, applied.version) == (("on_failure continue → stop",), 1)
