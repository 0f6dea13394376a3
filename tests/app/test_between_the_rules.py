"""Where two rules meet: a stop and a fresh start, a pause and an exit, a zone and a late step, an edit and a goal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from dripline import Dripline, FakeChannel, Message, Outcome, Policy, Rejected, Sequence, Step, VirtualClock, Workspace
from dripline.core.leads.address import AddressKind
from dripline.errors import InvalidSender, InvalidSequence, InvalidTrigger

HOUR = timedelta(hours=1)
LEAD = "60123456789"


def sequence(name: str, many: int = 2, **answers: str) -> Sequence:
    steps = [Step(f"{name} 1"), *(Step(f"{name} {n}", "1h") for n in range(2, many + 1))]
    return Sequence(name, trigger=name, steps=steps, policy=Policy(**{"re_entry_gap": "0s", **answers}))


class Meddling(FakeChannel):
    """A provider during whose first send somebody does something."""

    def __init__(self, meddle: Callable[[Dripline], object], url: str, clock: VirtualClock) -> None:
        super().__init__()
        self._meddle, self._url, self._clock = meddle, url, clock

    @override
    async def send(self, message: Message) -> Outcome:
        if not self.offered:
            with Dripline(self._url, clock=self._clock) as other:
                self._meddle(other)
        return await super().send(message)


def leave(drip: Dripline) -> None:
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.leads.exit(phone=LEAD)


def reply(drip: Dripline) -> None:
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.inbox.receive("please no", phone=LEAD)


def lose(drip: Dripline) -> None:
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.leads.remove_trigger("WARM", phone=LEAD)


@pytest.mark.parametrize("meddle", [leave, reply, lose])
def test_who_leaves_while_a_restart_is_under_way_does_not_begin_anew(
    url: str, clock: VirtualClock, meddle: Callable[[Dripline], object]
) -> None:
    channel = Meddling(meddle, url, clock)
    with Dripline(url, clock=clock, channels={"console": channel}) as drip:
        drip.apply(sequence("WARM", re_entry="restart", on_trigger_lost="exit"))
        drip.add_lead(phone=LEAD, triggers=["WARM"])
        for _ in range(3):
            drip.tick()
            clock.advance(HOUR)

        assert [message.text for message in channel.accepted] == ["WARM 1"]
        assert drip.verify() == []


def test_a_restart_while_a_message_is_on_its_way_begins_anew_after_it(url: str, clock: VirtualClock) -> None:
    channel = Meddling(lambda drip: drip.add_lead(phone=LEAD, triggers=["WARM"]), url, clock)
    with Dripline(url, clock=clock, channels={"console": channel}) as drip:
        drip.apply(sequence("WARM", re_entry="restart"))
        drip.add_lead(phone=LEAD, triggers=["WARM"])
        for _ in range(3):
            drip.tick()
            clock.advance(HOUR)

        assert [message.text for message in channel.accepted] == ["WARM 1", "WARM 1", "WARM 2"]


def test_a_persons_word_never_fires_a_chain(drip: Dripline, fake: FakeChannel) -> None:
    drip.apply(sequence("HOT"))
    drip.apply(Sequence("COLD", trigger="COLD", steps=[Step("cold 1"), Step("cold 2", "1h")], then="HOT"))
    drip.add_lead(phone=LEAD, triggers=["COLD"])
    drip.tick()
    drip.leads.exit(phone=LEAD, reason="completed")
    drip.tick()

    assert [message.text for message in fake.accepted] == ["cold 1"]
    assert drip.records(phone=LEAD)[1].reason == "completed"
    assert drip.records(phone=LEAD)[1].reason_code == "ended_by_person"


@pytest.mark.parametrize("forgotten", [True, False])
def test_who_opted_out_is_not_reached_at_a_new_address(url: str, clock: VirtualClock, *, forgotten: bool) -> None:
    mail = FakeChannel(address_kind=AddressKind.EMAIL)
    with Dripline(url, clock=clock, channels={"mail": mail}) as drip:
        drip.apply(Sequence("M", trigger="M", steps=[Step("Hi")], channel="mail"))
        drip.add_lead(phone=LEAD)
        drip.opt_out(phone=LEAD)
        if forgotten:
            drip.leads.forget(phone=LEAD)

        assert drip.add_lead(phone=LEAD, email="a@example.com", triggers=["M"]).enrolled == 0
        assert [barred.address for barred in drip.leads.suppressions()] == [LEAD, "a@example.com"]


def test_a_refused_address_bars_only_itself(url: str, clock: VirtualClock) -> None:
    mail = FakeChannel(address_kind=AddressKind.EMAIL)
    refusing = FakeChannel([Rejected("blocked", scope="contact", suppress=True)])
    with Dripline(url, clock=clock, channels={"mail": mail, "console": refusing}) as drip:
        drip.apply(sequence("P"))
        drip.apply(Sequence("M", trigger="M", steps=[Step("Hi")], channel="mail"))
        drip.add_lead(phone=LEAD, triggers=["P"])
        drip.tick()

        assert drip.add_lead(phone=LEAD, email="a@example.com", triggers=["M"]).enrolled == 1


def test_a_new_zone_does_not_make_a_step_late(drip: Dripline, clock: VirtualClock) -> None:
    clock.advance(datetime(2026, 1, 5, 14, tzinfo=UTC) - clock.now())
    late = Policy(when_late="skip")
    drip.apply(Sequence("W", trigger="W", steps=[Step("Hi")], window="09:00-17:00", policy=late))
    drip.add_lead(phone=LEAD, triggers=["W"])
    drip.tick()
    clock.advance(HOUR)
    drip.add_lead(phone=LEAD, zone="Europe/Berlin")

    assert (drip.tick().sent, str(drip.records()[0].status)) == (1, "completed")


def test_a_group_that_is_set_later_holds_for_who_comes_later(drip: Dripline) -> None:
    for name in ("A", "B"):
        drip.apply(sequence(name))
    drip.add_lead(phone=LEAD, triggers=["A"])
    for name in ("A", "B"):
        drip.apply(Sequence(name, trigger=name, steps=sequence(name).steps, group="funnel"))

    assert drip.add_lead(phone=LEAD, triggers=["B"]).enrolled == 0
    assert "'A' of its group funnel" in drip.leads.timelines(phone=LEAD)[0].not_enrolled[0].reason


def test_a_goal_that_is_set_later_ends_who_has_reached_it(drip: Dripline) -> None:
    drip.apply(sequence("A"))
    drip.add_lead(phone=LEAD, triggers=["A", "BOUGHT"])
    drip.tick()
    drip.apply(Sequence("A", trigger="A", steps=sequence("A").steps, goal="BOUGHT"))

    assert drip.records()[1].reason == "the lead reached the goal BOUGHT"


def test_what_stays_paused_is_not_promised_to_go(drip: Dripline) -> None:
    drip.apply(sequence("A"))
    drip.add_lead(phone=LEAD, triggers=["A"])
    drip.pause(sequence="A")
    drip.pause(phone=LEAD, sequence="A")

    assert drip.records.plan_resume(phone=LEAD, sequence="A").on_time == 0
    drip.resume(phone=LEAD, sequence="A")
    assert drip.records.plan_resume(sequence="A").on_time == 1
    drip.pause()
    assert drip.records.plan_resume(sequence="A").on_time == 0


def test_a_plan_counts_the_gap_between_two_of_one_lead(drip: Dripline) -> None:
    drip.workspace.apply(Workspace(min_gap="1h"))
    for name in ("A", "B"):
        drip.apply(sequence(name))
    drip.add_lead(phone=LEAD, triggers=["A", "B"])
    plan, report = drip.records.plan_resume(), drip.tick()

    assert (plan.on_time, plan.waiting.many) == (report.sent, report.deferred) == (1, 1)


def test_names_that_are_not_there_are_named(drip: Dripline) -> None:
    with pytest.raises(InvalidSequence, match="There is no sequence 'typo'"):
        drip.records.plan_resume(sequence="typo")
    with pytest.raises(InvalidSender, match="There is no sender 'typo'"):
        drip.records.plan_resume(sender="typo")
    for odd in ("\ud800", "a\0"):
        with pytest.raises(InvalidSequence):
            drip.pause(sequence=odd)
        with pytest.raises(InvalidTrigger):
            drip.leads.remove_trigger(odd, phone=LEAD)


def test_why_tells_of_a_pause_that_is_yet_to_hold_a_step(url: str, clock: VirtualClock) -> None:
    channel = Meddling(lambda drip: drip.pause(phone=LEAD, reason="on holiday"), url, clock)
    with Dripline(url, clock=clock, channels={"console": channel}) as drip:
        drip.apply(sequence("A"))
        drip.add_lead(phone=LEAD, triggers=["A"])
        drip.tick()
        clock.advance(HOUR)
        timeline = drip.leads.timelines(phone=LEAD)[0]

        assert timeline.why(timeline.records[1], clock.now()).endswith("its run is paused: on holiday")


def test_why_tells_what_the_next_pass_will_do_to_a_late_step(drip: Dripline, clock: VirtualClock) -> None:
    drip.apply(sequence("A", when_late="skip"))
    drip.add_lead(phone=LEAD, triggers=["A"])
    clock.advance(HOUR)
    timeline = drip.leads.timelines(phone=LEAD)[0]

    assert "is not sent at the next pass: skipped: 1:00:00 late" in timeline.why(timeline.records[0], clock.now())


def test_one_stop_word_is_one_word() -> None:
    assert Workspace(stop_words="basta").stop_words == ("basta",)
