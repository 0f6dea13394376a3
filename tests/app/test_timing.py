"""Late steps, versions, and the wake-up."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.core.planning.plan import Action
from dripline.errors import LoopAlreadyRunning

HOUR = timedelta(hours=1)
LEAD = "60123456789"


@pytest.fixture
def enrolled(drip: Dripline, warm: Sequence) -> Dripline:
    drip.apply(warm)
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    return drip


def test_after_an_outage_the_gaps_hold_instead_of_a_burst(
    enrolled: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    start = clock.now()
    sent: dict[int, float] = {}
    for hour in range(80):
        if not 10 <= hour < 40 and enrolled.tick().sent:
            sent[fake.accepted[-1].step] = hour
        clock.advance(HOUR)

    assert sent == {1: 0, 2: 40, 3: 52, 4: 64}
    assert [(r.planned_time - start) / HOUR for r in enrolled.records(phone=LEAD)] == [0, 12, 24, 36]


def test_a_step_within_the_grace_moves_nothing(enrolled: Dripline, clock: VirtualClock) -> None:
    enrolled.tick()
    clock.advance(12 * HOUR + timedelta(minutes=15))
    enrolled.tick()

    third = enrolled.records(phone=LEAD)[2]
    assert third.next_trigger_time == third.planned_time


def test_one_pass_never_sends_two_messages_of_one_enrollment(drip: Dripline, fake: FakeChannel) -> None:
    drip.apply(Sequence("Fast", trigger="FAST", steps=[Step("One"), Step("Two"), Step("Three")]))
    drip.add_lead(phone=LEAD, triggers=["FAST"])

    assert [drip.tick().sent for _ in range(4)] == [1, 1, 1, 0]
    assert [message.text for message in fake.accepted] == ["One", "Two", "Three"]


def test_a_first_wait_delays_the_first_step(drip: Dripline, clock: VirtualClock) -> None:
    drip.apply(Sequence("Later", trigger="LATER", steps=[Step("One", "5m")]))
    drip.add_lead(phone=LEAD, triggers=["LATER"])

    assert drip.tick().sent == 0
    clock.advance(timedelta(minutes=5))
    assert drip.tick().sent == 1


def test_applying_the_same_sequence_again_changes_nothing(enrolled: Dripline, warm: Sequence) -> None:
    again = enrolled.apply(warm)

    assert (again.plan.action, again.plan.changes, again.version, again.enrolled) == (Action.KEEP, (), 1, 0)


def test_a_corrected_text_is_sent_for_everything_not_yet_sent(
    enrolled: Dripline, warm: Sequence, clock: VirtualClock, fake: FakeChannel
) -> None:
    enrolled.tick()
    steps = [warm.steps[0], Step("Corrected", "12h"), *warm.steps[2:]]
    applied = enrolled.apply(replace(warm, steps=steps))
    clock.advance(12 * HOUR)
    enrolled.tick()

    assert applied.plan.changes == ("step 2 has a new text, for everything not yet sent",)
    assert (applied.version, fake.accepted[-1].text) == (1, "Corrected")


def test_changed_waits_are_a_new_version_and_enrollments_in_flight_keep_theirs(
    enrolled: Dripline, warm: Sequence
) -> None:
    before = enrolled.records(phone=LEAD)
    applied = enrolled.apply(Sequence(warm.name, trigger=warm.trigger, steps=[Step("One"), Step("Two", "1h")]))
    enrolled.add_lead(phone="60123456780", triggers=["WARMEXAMA"])

    assert applied.version == 2
    assert enrolled.records(phone=LEAD) == before
    assert len(enrolled.records(phone="60123456780")) == 2


async def _tick(drip: Dripline) -> None:
    drip.tick()


def test_tick_inside_an_event_loop_says_what_to_do(drip: Dripline) -> None:
    with pytest.raises(LoopAlreadyRunning, match=r"asyncio\.to_thread"):
        asyncio.run(_tick(drip))
