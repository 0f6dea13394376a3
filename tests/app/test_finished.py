"""Steps that are appended to a sequence which leads have finished: nobody gets them unasked, everybody when asked."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from mail_shop import MAIL, OTHER, PHONE, Shop

from dripline import Dripline, FakeChannel, NewLead, Policy, Sequence, Step, VirtualClock
from dripline.core.planning.plan import Action
from dripline.errors import InvalidSequence

HOUR = timedelta(hours=1)

Ask = Callable[[str], list[tuple[object, ...]]]


def made(texts: str, *, when_late: str = "respace", then: str | None = None) -> Sequence:
    steps = [Step(text, "1d" if at else "0s") for at, text in enumerate(texts)]
    return Sequence("S", trigger="T", steps=steps, policy=Policy(when_late=when_late), then=then)


@pytest.fixture
def through(drip: Dripline, clock: VirtualClock) -> Dripline:
    """Twenty leads that have finished two steps ten days ago, and one that waits for the second."""
    drip.apply(made("ab"))
    drip.add_leads([NewLead(f"601234500{number:02}", triggers=("T",)) for number in range(20)])
    for _ in range(10):
        drip.tick()
        clock.advance(timedelta(days=1))
    drip.add_lead(phone="60129999999", triggers=["T"])
    drip.tick()
    return drip


def play(drip: Dripline, clock: VirtualClock, hours: int) -> None:
    """Look oftener than a step may be late."""
    for _ in range(hours * 6):
        drip.tick()
        clock.advance(HOUR / 6)


@pytest.mark.parametrize("reach", ["new", "not-yet", "all"])
def test_the_plan_names_who_has_finished_and_does_not_get_what_is_appended(through: Dripline, reach: str) -> None:
    planned = through.plan(made("abc"), reach=reach)

    assert "20 leads have finished and do not get step 3 unless the reach is finished" in planned.notes
    assert planned.finished.moves == ()
    assert through.plan(made("ab"), reach=reach).notes == ()


@pytest.mark.parametrize("when_late", ["respace", "keep", "skip"])
def test_who_has_finished_gets_what_is_appended_when_it_is_asked_for(
    through: Dripline, clock: VirtualClock, fake: FakeChannel, when_late: str
) -> None:
    planned = through.plan(made("abcd", when_late=when_late), reach="finished")
    before = clock.now()
    applied = through.sequences.publish(planned)

    assert "20 leads that have finished get steps 3 to 4" in planned.changes
    assert (applied.moved, applied.left_alone) == (21, 0)
    assert len({move.new_time for move in planned.finished.moves}) > 5
    assert all(before <= move.new_time <= before + 2 * HOUR for move in planned.finished.moves if move.new_time)
    play(through, clock, 75)
    assert Counter(message.text for message in fake.accepted) == {"a": 21, "b": 21, "c": 21, "d": 21}
    assert through.plan(made("abcd", when_late=when_late), reach="finished").action is Action.KEEP
    assert through.verify() == []


def test_a_report_counts_who_goes_on_once(through: Dripline, clock: VirtualClock) -> None:
    through.apply(made("abc"), reach="finished")
    (under_way,) = through.reports.overview().sequences
    play(through, clock, 75)
    (report,) = through.reports.overview().sequences

    assert (under_way.enrollments.in_progress, under_way.enrollments.finished) == (21, 0)
    assert (report.enrollments.in_progress, report.enrollments.finished, report.enrollments.left) == (0, 21, 0)


def test_who_may_not_be_sent_to_any_more_is_left_out_and_told(through: Dripline) -> None:
    through.opt_out(phone="60123450000")
    applied = through.apply(made("abc"), reach="finished")

    assert "19 leads that have finished get step 3; 1 more may not be sent to, or had it" in applied.plan.changes
    assert applied.moved == 20


def test_who_has_had_the_step_does_not_get_it_again(through: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    """It was taken out and is put back behind what the leads had last."""
    through.apply(made("b"), reach="all")
    planned = through.plan(made("ba"), reach="finished")
    through.sequences.publish(planned)
    play(through, clock, 75)

    assert planned.finished.moves == ()
    assert Counter(message.text for message in fake.accepted)["a"] == 21


def test_what_a_sequence_leads_to_is_not_begun_again_for_who_has_finished(drip: Dripline) -> None:
    drip.apply(Sequence("Next", trigger="NEXT", steps=[Step("next")]))
    drip.apply(made("a", then="NEXT"))
    drip.add_lead(phone="60123456789", triggers=["T"])
    drip.tick()

    with pytest.raises(InvalidSequence, match="got NEXT at its end, and would get it again"):
        drip.apply(made("ab", then="NEXT"), reach="finished")


def test_whoever_started_again_since_the_plan_is_left_alone(through: Dripline, ask: Ask) -> None:
    planned = through.plan(made("abc"), reach="finished")
    through.opt_out(phone="60123450001")
    applied = through.sequences.publish(planned)

    assert (applied.moved, applied.left_alone) == (20, 1)
    assert ask("SELECT count(*) FROM enrollments WHERE ended_at IS NULL") == [(20,)]
    assert through.verify() == []


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


def shared(shop: Shop, many: int, before: str = "wa") -> None:
    """Leads that have finished two steps on a channel, each by its own phone, and all with one mailbox."""
    shop.apply(channel=before)
    for phone in (PHONE, OTHER, "60123456782")[:many]:
        shop.drip.add_lead(phone=phone, email=MAIL, triggers=["T"])
    shop.days()


LONGER = [Step("S one"), Step("S two", "1d"), Step("S three", "1d")]


def test_of_those_who_share_a_mailbox_one_gets_what_is_appended(shop: Shop) -> None:
    shared(shop, 3)
    shop.apply()
    planned = shop.plan(reach="finished", steps=LONGER)
    applied = shop.drip.sequences.publish(planned)

    assert "1 lead that has finished gets step 3; 2 more have the address of one of these" in planned.changes
    assert [move.address for move in planned.finished.moves] == [PHONE]
    assert (applied.moved, applied.left_alone) == (1, 0)
    assert [one for one in shop.sent() if one[1] == "S three"] == [(MAIL, "S three")]
    assert shop.plan(reach="finished", steps=LONGER).action is Action.KEEP


def test_who_has_finished_is_asked_of_the_channel_that_comes_with_the_step(shop: Shop) -> None:
    shared(shop, 2)
    planned = shop.plan(reach="finished", steps=LONGER)
    applied = shop.drip.sequences.publish(planned)

    assert len(planned.finished.moves) == applied.moved == 1
    assert applied.left_alone == 0


def test_whose_mailbox_is_under_way_by_another_lead_gets_nothing_twice(shop: Shop) -> None:
    shared(shop, 1)
    shop.drip.add_lead(phone=OTHER, email=MAIL, triggers=["T"])
    shop.drip.tick()
    policy = Policy(re_entry="after_exit", re_entry_gap="0s")
    planned = shop.plan(reach="finished", steps=LONGER, policy=policy)
    applied = shop.drip.sequences.publish(planned)

    assert (planned.finished.moves, applied.moved, applied.left_alone) == ((), len(planned.moves), 0)
    assert [one for one in shop.sent() if one[1] == "S three"] == [(MAIL, "S three")]


def test_whose_mailbox_another_lead_leaves_gets_what_is_appended(shop: Shop) -> None:
    """Nobody is to be in it again, and the other lead has had less of it."""
    shared(shop, 1)
    shop.drip.add_lead(phone=OTHER, email=MAIL, triggers=["T"])
    shop.drip.tick()
    planned = shop.plan(reach="finished", steps=LONGER)
    applied = shop.drip.sequences.publish(planned)

    assert [ending.address for ending in planned.effects.same_address] == [OTHER]
    assert ([move.address for move in planned.finished.moves], applied.moved) == ([PHONE], 1)
    assert [one for one in shop.sent() if one[1] == "S three"] == [(MAIL, "S three")]


def test_whose_mailbox_has_had_the_step_by_another_lead_does_not_get_it_again(shop: Shop) -> None:
    shared(shop, 1)
    shop.apply(channel="wa", steps=LONGER)
    shop.drip.add_lead(phone=OTHER, email=MAIL, triggers=["T"])
    shop.days(4)
    planned = shop.plan(reach="finished", steps=LONGER)
    applied = shop.drip.sequences.publish(planned)

    assert (planned.finished.leads, planned.finished.moves, applied.moved) == (1, (), 0)
    assert [to for to, text in shop.sent() if text == "S three"] == [OTHER]
