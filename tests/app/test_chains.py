"""Chains, groups and second starts: what the end of one sequence lets begin, in the transaction that ends it."""

from datetime import timedelta
from typing import Any

import pytest

from dripline import Dripline, FakeChannel, Policy, Sequence, Step, VirtualClock, Workspace
from dripline.errors import InvalidSequence

LEAD = "60123456789"
HOUR = timedelta(hours=1)


def sequence(name: str, many: int = 1, re_entry: str = "once", **rules: Any) -> Sequence:  # noqa: ANN401  (its own)
    steps = [Step(f"{name} 1"), *(Step(f"{name} {n}", "1h") for n in range(2, many + 1))]
    return Sequence(name, trigger=name, steps=steps, policy=Policy(re_entry=re_entry, re_entry_gap="0s"), **rules)


def funnel(drip: Dripline, group: str | None = None) -> None:
    drip.apply(sequence("HOT", group=group))
    drip.apply(sequence("WARM", then="HOT", group=group))
    drip.apply(sequence("COLD", many=2, then="WARM", group=group))


def test_cold_leads_to_warm_leads_to_hot(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    funnel(drip, group="funnel")
    drip.add_lead(phone=LEAD, triggers=["COLD"])
    for _ in range(4):
        drip.tick()
        clock.advance(HOUR)

    assert [message.text for message in fake.accepted] == ["COLD 1", "COLD 2", "WARM 1", "HOT 1"]
    assert {trigger for trigger, _ in drip.leads.timelines(phone=LEAD)[0].triggers} == {"COLD", "WARM", "HOT"}
    assert drip.verify() == []


def test_the_next_sequence_begins_in_the_transaction_that_ends_the_last(drip: Dripline) -> None:
    funnel(drip)
    drip.add_lead(phone=LEAD, triggers=["WARM"])

    drip.tick()

    assert [(r.status, r.current_step) for r in drip.records(phone=LEAD)] == [("completed", 1), ("active", 1)]


def test_a_chain_is_not_followed_by_a_lead_that_left(drip: Dripline) -> None:
    funnel(drip)
    drip.add_lead(phone=LEAD, triggers=["COLD"])
    drip.tick()
    drip.inbox.receive("no thanks", phone=LEAD)

    assert {enrollment.sequence for enrollment in drip.leads.timelines(phone=LEAD)[0].enrollments} == {"COLD"}


def test_a_chain_to_a_trigger_nobody_starts_on_is_refused(drip: Dripline) -> None:
    with pytest.raises(InvalidSequence, match="'COLD' fires WARM at its end, and no sequence starts on that"):
        drip.apply(sequence("COLD", then="WARM"))
    assert drip.add_lead(phone=LEAD, triggers=["COLD"]).enrolled == 0


def test_a_chain_may_lead_to_a_sequence_that_is_applied_with_it(drip: Dripline) -> None:
    cold, warm = sequence("COLD", then="WARM"), sequence("WARM")
    drip.apply(cold, beside=[cold, warm])
    drip.apply(warm, beside=[cold, warm])

    with pytest.raises(InvalidSequence, match="'COLD' fires WARM"):
        drip.apply(Sequence("WARM", trigger="TEPID", steps=[Step("Hi")]))


def test_a_circle_is_refused_unless_it_is_meant(drip: Dripline) -> None:
    funnel(drip)
    with pytest.raises(InvalidSequence, match="in a circle, HOT → COLD → WARM → HOT"):
        drip.apply(sequence("HOT", then="COLD"))
    with pytest.raises(InvalidSequence, match="in a circle, SELF → SELF"):
        drip.apply(sequence("SELF", then="SELF"))

    assert drip.apply(sequence("HOT", then="COLD", may_loop=True)).plan.changes[0] == "then nothing → COLD"
    assert drip.apply(sequence("WARM", then="HOT")).plan.changes == ()


def test_a_circle_that_is_meant_goes_round(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    again = sequence("AGAIN", then="AGAIN", may_loop=True, re_entry="after_exit")
    drip.apply(again)
    drip.add_lead(phone=LEAD, triggers=["AGAIN"])
    for _ in range(3):
        drip.tick()
        clock.advance(HOUR)

    assert [message.text for message in fake.accepted] == ["AGAIN 1"] * 3
    assert drip.verify() == []


@pytest.mark.parametrize(("re_entry", "while_live", "after"), [("once", 0, 0), ("after_exit", 0, 1), ("restart", 1, 1)])
def test_a_trigger_that_is_gained_again(drip: Dripline, re_entry: str, while_live: int, after: int) -> None:
    drip.apply(sequence("WARM", many=2, re_entry=re_entry))
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()

    assert drip.add_lead(phone=LEAD, triggers=["WARM"]).enrolled == while_live
    drip.leads.exit(phone=LEAD)
    assert drip.apply(sequence("WARM", many=2, re_entry=re_entry)).enrolled == 0
    assert drip.add_lead(phone=LEAD, triggers=["WARM"]).enrolled == after
    assert drip.verify() == []


def test_a_restart_ends_what_is_under_way(drip: Dripline, fake: FakeChannel) -> None:
    drip.apply(sequence("WARM", many=2, re_entry="restart"))
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()

    assert [message.text for message in fake.accepted] == ["WARM 1", "WARM 1"]
    assert [str(r.status) for r in drip.records(phone=LEAD)] == ["completed", "cancelled", "completed", "active"]


def test_a_lead_is_in_one_sequence_of_a_group_and_then_in_the_next(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.apply(sequence("A", many=2, group="funnel"))
    drip.apply(sequence("B", group="funnel"))
    assert drip.add_lead(phone=LEAD, triggers=["B", "A"]).enrolled == 1
    assert "'A' of its group funnel" in drip.leads.timelines(phone=LEAD)[0].not_enrolled[0].reason
    for _ in range(3):
        drip.tick()
        clock.advance(HOUR)

    assert [message.text for message in fake.accepted] == ["A 1", "A 2", "B 1"]
    assert drip.verify() == []


def test_a_daily_cap_defers_over_all_sequences_and_drops_nothing(drip: Dripline, clock: VirtualClock) -> None:
    drip.workspace.apply(Workspace(daily_cap=2))
    for name in ("A", "B", "C"):
        drip.apply(sequence(name))
    drip.add_lead(phone=LEAD, triggers=["A", "B", "C"])

    assert (drip.tick().sent, drip.tick().deferred) == (2, 0)
    third = next(record for record in drip.records(phone=LEAD) if record.status == "active")
    assert (third.next_trigger_time - clock.now(), third.reason) == (24 * HOUR, "the cap of 2 a day for one lead")
    clock.advance(24 * HOUR)
    assert drip.tick().sent == 1
