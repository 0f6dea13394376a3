"""What applying says before it does it: who starts, and that several things are one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, NewLead, Sender, Sequence, Step, VirtualClock
from dripline.core.planning.plan import Action
from dripline.errors import InvalidSequence

Ask = Callable[[str], list[tuple[object, ...]]]


def made(
    name: str, trigger: str = "VIP", text: str = "Hello", *, group: str | None = None, goal: str | None = None
) -> Sequence:
    steps = [Step(text), Step(f"More of {text}", "1h")]
    return Sequence(name, trigger=trigger, steps=steps, group=group, goal=goal)


@pytest.fixture
def guests(drip: Dripline) -> Dripline:
    """Five leads with the trigger VIP that no sequence starts on; one of them is barred."""
    drip.add_leads([NewLead(f"6012345678{number}", triggers=("VIP",)) for number in range(5)])
    drip.opt_out(phone="60123456780")
    return drip


def test_the_plan_of_a_new_sequence_says_how_many_start_now(guests: Dripline) -> None:
    planned = guests.plan(made("New"))

    assert planned.changes[-1] == "4 leads start now"
    assert planned.notes == ("1 lead with VIP would not get it: 1 barred",)
    assert guests.apply(made("New")).enrolled == planned.starting.leads == 4


def test_the_plan_of_a_changed_trigger_says_how_many_start_now(guests: Dripline) -> None:
    guests.apply(made("Old", "OLD"))
    planned = guests.plan(made("Old"))

    assert planned.changes == ("trigger OLD → VIP", "4 leads start now")
    assert guests.sequences.publish(planned).enrolled == 4


def test_whoever_had_waited_is_told_by_the_plan_of_any_change(guests: Dripline) -> None:
    guests.apply(made("New"))
    guests.opt_in(phone="60123456780")
    planned = guests.plan(made("New"))

    assert (planned.action, planned.changes) == (Action.KEEP, ("1 lead starts now",))
    assert guests.sequences.publish(planned).enrolled == 1
    assert guests.plan(made("New")).changes == ()


def test_the_plan_says_who_would_get_a_text_again_from_another_sequence(guests: Dripline) -> None:
    guests.apply(made("Old"))
    guests.tick()
    guests.apply(made("Old", "RETIRED"))
    planned = guests.plan(made("New"))

    assert planned.changes[-2:] == (
        "4 leads start now",
        "4 of them had one of its texts before, from another sequence, and would get it again",
    )


def test_what_keeps_leads_from_starting_is_told_by_its_cause(guests: Dripline) -> None:
    guests.apply(made("Rival", "RIVAL", group="one"))
    guests.add_lead(phone="60123456781", triggers=["RIVAL"])
    guests.add_lead(phone="60123456782", triggers=["BOUGHT"])
    planned = guests.plan(made("New", group="one", goal="BOUGHT"))

    assert planned.starting.leads == 2
    assert planned.notes == (
        "3 leads with VIP would not get it: 1 barred, 1 at the goal already, 1 in another sequence of the group",
    )
    assert guests.sequences.publish(planned).enrolled == 2


def test_several_sequences_are_planned_as_they_are_applied(guests: Dripline, ask: Ask) -> None:
    """Of two sequences of a group a lead starts in the first: the plan of the second counts on it."""
    guests.add_lead(phone="60123456781", triggers=["HOT"])
    both = [made("First", group="one"), made("Second", "HOT", group="one")]
    planned = guests.workspace.plan_all(both)

    assert ask("SELECT count(*) FROM sequences") == [(0,)]
    assert [one.starting.leads for one in planned.sequences] == [4, 0]
    assert [one.changes for one in planned.sequences] == [
        one.plan.changes for one in guests.workspace.apply_all(both).sequences
    ]
    assert guests.reports.counts()["enrollments"] == 4


@pytest.mark.parametrize("verb", ["plan_all", "apply_all"])
def test_two_sequences_on_one_trigger_are_refused_by_plan_and_apply_alike(
    guests: Dripline, ask: Ask, verb: str
) -> None:
    with pytest.raises(InvalidSequence, match="VIP starts the sequence 'One' already"):
        getattr(guests.workspace, verb)([made("One"), made("Two")])

    assert ask("SELECT count(*) FROM sequences") == [(0,)]


def test_a_failure_in_the_last_leaves_nothing_of_the_others(guests: Dripline, ask: Ask) -> None:
    bad = made("Third", "C", "{{ nobody_has_this }}")
    with pytest.raises(Exception, match="nobody_has_this"):
        guests.workspace.apply_all([made("One"), made("Two", "B"), bad], senders=[Sender("jb-1", channel="console")])

    assert ask("SELECT count(*) FROM sequences") == [(0,)]
    assert ask("SELECT count(*) FROM senders") == [(0,)]
    assert ask("SELECT count(*) FROM enrollments") == [(0,)]


def test_a_trigger_is_handed_from_one_sequence_to_another_in_any_order(drip: Dripline) -> None:
    drip.apply(made("Old", "VIP"))
    done = drip.workspace.apply_all([made("New", "VIP"), made("Old", "OLD")])

    assert [one.plan.name for one in done.sequences] == ["New", "Old"]
    assert {state.sequence.name: state.sequence.trigger for state in drip.sequences.all()} == {
        "New": "VIP",
        "Old": "OLD",
    }


def test_a_rehearsal_sends_nothing_and_what_follows_goes_on(
    guests: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    guests.workspace.plan_all([made("One"), made("Two", "B")])
    guests.tick()
    assert fake.accepted == []
    guests.workspace.apply_all([made("One"), made("Two", "B")])
    guests.tick()
    clock.advance(timedelta(hours=1))
    guests.tick()

    assert len(fake.accepted) == 8
    assert guests.verify() == []
