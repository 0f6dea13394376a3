"""Sequences get a group, lose it or change it while leads are in them: a lead stays in one sequence of a group."""

from collections.abc import Callable
from datetime import timedelta

from dripline import Dripline, Sequence, Step, VirtualClock

DAY = timedelta(days=1)
PHONE = "60123456789"


def made(name: str, group: str | None, after: str = "2d") -> Sequence:
    steps = [Step(f"{name}1"), Step(f"{name}2", after=after), Step(f"{name}3", after=after)]
    return Sequence(name, trigger=f"T{name}", group=group, steps=steps)


def live(drip: Dripline, phone: str = PHONE) -> list[str]:
    runs = drip.leads.timelines(phone=phone)[0].enrollments
    return sorted(run.sequence for run in runs if run.ended_at is None)


def test_of_two_sequences_that_get_one_group_the_one_further_on_goes_on(drip: Dripline, clock: VirtualClock) -> None:
    drip.apply(made("A", None, after="2d"))
    drip.apply(made("B", None, after="1d"))
    drip.add_lead(phone=PHONE, triggers=["TA", "TB"])
    drip.tick()
    clock.advance(DAY)
    drip.tick()
    drip.apply(made("A", "funnel", after="2d"))
    plan = drip.plan(made("B", "funnel", after="1d"))
    drip.apply(made("B", "funnel", after="1d"))

    assert "1 lead is in A of the same group as well: 1 goes on here, 0 there" in plan.changes
    assert live(drip) == ["B"]
    ended = next(run for run in drip.leads.timelines(phone=PHONE)[0].enrollments if run.sequence == "A")
    assert ended.end_reason == "the lead goes on in B, which is in the same group"
    assert drip.verify() == []


def test_of_two_that_stand_alike_the_older_goes_on(drip: Dripline, clock: VirtualClock) -> None:
    for name in "BA":
        drip.apply(made(name, None))
    for trigger in ("TB", "TA"):
        drip.add_lead(phone=PHONE, triggers=[trigger])
        drip.tick()
        clock.advance(timedelta(hours=1))
    for name in "AB":
        drip.apply(made(name, "funnel"))

    assert live(drip) == ["B"]
    assert drip.verify() == []


def test_a_plan_of_two_sequences_at_once_counts_who_is_in_both(drip: Dripline) -> None:
    both = [made("A", None), made("B", None)]
    for sequence in both:
        drip.apply(sequence)
    drip.add_lead(phone=PHONE, triggers=["TA", "TB"])
    wanted = [made("A", "funnel"), made("B", "funnel")]

    assert drip.plan(wanted[0], beside=wanted).effects.rivals[0].sequence == "B"


def test_who_is_in_a_sequence_keeps_others_of_its_new_group_away_and_lets_them_in_when_it_leaves_the_group(
    drip: Dripline,
) -> None:
    drip.apply(made("A", None))
    drip.add_lead(phone=PHONE, triggers=["TA"])
    drip.apply(made("A", "funnel"))
    drip.apply(made("C", "funnel"))
    drip.add_lead(phone=PHONE, triggers=["TC"])
    assert live(drip) == ["A"]
    drip.apply(made("A", None))

    assert live(drip) == ["A", "C"]
    assert drip.verify() == []


def test_a_sequence_that_changes_its_group_lets_in_who_waited_for_the_old_one(drip: Dripline) -> None:
    drip.apply(made("A", "funnel"))
    drip.apply(made("B", "funnel"))
    drip.apply(made("C", "other"))
    drip.add_lead(phone=PHONE, triggers=["TA", "TB"])
    drip.add_lead(phone="60129999999", triggers=["TA", "TC"])
    drip.apply(made("A", "other"))

    assert live(drip) == ["A", "B"]
    assert live(drip, "60129999999") == ["A"]
    assert drip.verify() == []


def test_two_that_are_live_in_a_group_since_long_are_found_and_parted_when_it_is_applied(
    drip: Dripline, plant: Callable[[str], None]
) -> None:
    """A version before this one let both go on."""
    for name in "AB":
        drip.apply(made(name, None))
    drip.add_lead(phone=PHONE, triggers=["TA", "TB"])
    plant("UPDATE sequences SET exclusive_group = 'funnel'")
    assert [breach.invariant.statement for breach in drip.verify()] == ["breach_group"]
    assert drip.plan(made("B", "funnel")).action == "update"
    drip.apply(made("B", "funnel"))

    assert live(drip) == ["A"]
    assert drip.verify() == []


def test_a_plan_that_gives_up_a_group_names_who_starts(drip: Dripline) -> None:
    for name in "AB":
        drip.apply(made(name, "funnel"))
    for number in range(3):
        drip.add_lead(phone=f"6012345678{number}", triggers=["TA", "TB"])
    drip.add_lead(phone="60123456788", triggers=["TA"])
    drip.tick()
    planned = drip.plan(made("A", None))
    drip.apply(made("A", None))

    assert planned.notes == ("3 leads start 'B' now: they waited for the group funnel",)
    assert live(drip, "60123456780") == ["A", "B"]
    assert live(drip, "60123456788") == ["A"]
