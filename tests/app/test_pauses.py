"""Pauses: immediate, for everything, a sequence, a lead; and resuming without a burst."""

from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, Pace, Sender, Sequence, Step, VirtualClock
from dripline.errors import InvalidSequence

HOUR = timedelta(hours=1)
LEAD = "60123456789"


@pytest.fixture
def two(drip: Dripline) -> Dripline:
    drip.senders.apply(Sender("jb-1", channel="console", pace=Pace(gap="10s")))
    for name, senders in (("Warm", ()), ("Hot", ("jb-1",))):
        steps = [Step(f"{name} 1"), Step(f"{name} 2", "12h")]
        drip.apply(Sequence(name, trigger=name, steps=steps, senders=senders))
    drip.add_lead(phone=LEAD, triggers=["WARM", "HOT"])
    return drip


def sent(drip: Dripline, fake: FakeChannel) -> list[str]:
    fake.accepted.clear()
    drip.tick()
    return sorted(message.text for message in fake.accepted)


def test_a_pause_of_everything_takes_effect_at_once(two: Dripline, fake: FakeChannel) -> None:
    assert two.pause(reason="new copy") == 1
    assert two.pause() == 0
    assert sent(two, fake) == []
    assert two.workspace.state().pause_reason == "new copy"
    assert "everything is paused" in two.leads.timelines(phone=LEAD)[0].why(two.records(phone=LEAD)[0], two.now())

    assert two.resume() == 1
    assert sent(two, fake) == ["Hot 1", "Warm 1"]


@pytest.mark.parametrize(("name", "other"), [("Warm", "Hot 1"), ("Hot", "Warm 1")])
def test_a_paused_sequence_waits_and_the_others_go(two: Dripline, fake: FakeChannel, name: str, other: str) -> None:
    two.pause(sequence=name, reason="new copy")

    assert sent(two, fake) == [other]
    paused = next(r for r in two.records(phone=LEAD) if r.status == "active" and r.next_trigger_time <= two.now())
    assert "its sequence is paused: new copy" in two.leads.timelines(phone=LEAD)[0].why(paused, two.now())
    two.resume(sequence=name)
    assert sent(two, fake) == [f"{name} 1"]


def test_a_paused_lead_waits_and_is_held_at_its_next_step(
    two: Dripline, fake: FakeChannel, clock: VirtualClock
) -> None:
    assert two.pause(phone=LEAD, sequence="Warm", reason="on holiday") == 1
    assert sent(two, fake) == ["Hot 1"]
    clock.advance(12 * HOUR)
    assert sent(two, fake) == ["Hot 2"]

    assert two.resume(phone=LEAD) == 1
    assert sent(two, fake) == ["Warm 1"]
    assert sent(two, fake) == []
    assert two.verify() == []


def test_a_pause_while_a_message_is_on_its_way_holds_the_next_one(url: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock) as other:

        class Pausing(FakeChannel):
            async def send(self, message: object) -> object:  # type: ignore[override]
                other.pause(phone=LEAD)
                return await super().send(message)  # type: ignore[arg-type]

        with Dripline(url, clock=clock, channels={"console": Pausing()}) as drip:  # type: ignore[dict-item]
            drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One"), Step("Two", "1h")]))
            drip.add_lead(phone=LEAD, triggers=["WARM"])
            drip.tick()
            clock.advance(HOUR)
            report = drip.tick()

            assert (report.sent, report.paused) == (0, 1)
            assert [str(record.status) for record in drip.records(phone=LEAD)] == ["completed", "paused"]
            assert drip.verify() == []


def test_resuming_a_sender_does_not_burst(two: Dripline, fake: FakeChannel) -> None:
    two.senders.pause("jb-1")
    for number in range(20):
        two.add_lead(phone=f"601234500{number:02d}", triggers=["HOT"])
    plan = two.records.plan_resume(sender="jb-1")
    two.senders.resume("jb-1")

    assert plan.paced == 21
    assert [text for text in sent(two, fake) if text.startswith("Hot")] == ["Hot 1"]


def test_an_unknown_sequence_is_named(two: Dripline) -> None:
    with pytest.raises(InvalidSequence, match="There is no sequence 'Wram': apply it, or name another"):
        two.pause(sequence="Wram")
