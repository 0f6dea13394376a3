"""Who ends when a sequence changes is told before it is done: by another channel, a goal, or another sequence."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from mail_shop import MAIL, OTHER, PHONE, Shop

from dripline import Plan, Sender, Step
from dripline.core.planning.in_flight import Ending, named
from dripline.core.views.sequences import Applied

Ask = Callable[[str], list[tuple[object, ...]]]

THIRD = "60123456782"
STEPS = [Step("S one"), Step("S two", "1d"), Step("S three", "1d")]
SLOWER = [Step("S one"), Step("S two", "1d"), Step("S three", "3d")]
SAME = "1 lead in flight has an address for mail that is that of another lead which is or was in it, leaving"


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


@pytest.fixture
def two(shop: Shop) -> Shop:
    """Two leads of one mailbox, in a sequence that goes to phones; the first is one step further on."""
    shop.drip.senders.apply(Sender("mailer", channel="mail"))
    shop.apply(channel="wa", steps=STEPS)
    shop.drip.add_lead(phone=OTHER, email=MAIL, triggers=["T"])
    shop.days(1)
    shop.drip.add_lead(phone=PHONE, email=MAIL, triggers=["T"])
    shop.drip.tick()
    return shop


def changed(shop: Shop, **rules: Any) -> tuple[Plan, Applied]:  # noqa: ANN401  (its own)
    """Plan a change with the widest reach that nobody who has finished is in, do it, and return both."""
    settings: dict[str, Any] = {"channel": "wa", "steps": STEPS, **rules}
    planned = shop.plan(**settings, reach="all")
    done = shop.drip.sequences.publish(planned)
    assert shop.drip.verify() == []
    assert (done.moved, done.left_alone) == (len(planned.moves), 0)
    return planned, done


@pytest.mark.parametrize("rules", [{"channel": "mail"}, {"channel": "console", "senders": ["mailer"]}])
def test_a_plan_names_whom_another_channel_ends_for_another_lead_of_the_same_address(
    two: Shop, ask: Ask, rules: dict[str, Any]
) -> None:
    two.drip.add_lead(phone=THIRD, email="cham@example.com", triggers=["T"])
    planned, _ = changed(two, steps=SLOWER, **rules)

    (ending,) = planned.effects.same_address
    assert (SAME in planned.changes, ending.address) == (True, PHONE)
    assert ask("SELECT id FROM enrollments WHERE end_code = 'address_taken'") == [(ending.enrollment_id,)]
    assert planned.effects.change_sender == (2 if "senders" in rules else 0)
    assert two.plan(steps=SLOWER, **rules).changes == ()


def test_who_had_it_at_another_address_does_not_get_it_by_another_lead(two: Shop, ask: Ask) -> None:
    two.drip.leads.exit(phone=OTHER)
    planned, _ = changed(two, channel="mail")

    assert [ending.address for ending in planned.effects.same_address] == [PHONE]
    assert ask("SELECT count(*) FROM enrollments WHERE ended_at IS NULL") == [(0,)]


def test_whom_the_new_channel_cannot_reach_is_told_once(two: Shop, plant: Callable[[str], None]) -> None:
    two.drip.add_lead(phone=THIRD, triggers=["T"])
    plant(f"""
        INSERT INTO suppressions (address, reason_code, suppressed_at)
        VALUES ('{MAIL}', 'bounced', '2025-12-01 00:00:00')
    """)
    planned, _ = changed(two, channel="mail", steps=SLOWER)

    assert (planned.effects.barred, planned.effects.no_address, planned.effects.same_address) == (2, 1, ())
    assert planned.moves == ()


def test_whose_goal_is_reached_already_is_told_and_does_not_go_over(two: Shop) -> None:
    two.drip.add_lead(phone=PHONE, triggers=["BOUGHT"])
    planned, _ = changed(two, goal="bought", steps=SLOWER)

    assert "1 lead in flight has the goal BOUGHT already, leaving" in planned.changes
    assert [move.address for move in planned.moves] == [OTHER]
    assert two.plan(channel="wa", goal="bought", steps=SLOWER).changes == ()


def test_who_goes_on_in_another_sequence_of_the_group_does_not_go_over(two: Shop) -> None:
    two.apply("R", "wa", trigger="U", group="funnel", steps=[Step(f"R {number}") for number in range(6)])
    two.drip.add_lead(phone=OTHER, triggers=["U"])
    for _ in range(5):
        two.drip.tick()
    planned, _ = changed(two, group="funnel", steps=SLOWER)

    assert [move.address for move in planned.moves] == [PHONE]


def test_who_waits_for_a_rule_that_changes_with_the_steps_goes_over(two: Shop) -> None:
    two.apply(channel="wa", steps=STEPS, window="Mon-Fri 09:00-10:00", zone="UTC")
    two.clock.advance(timedelta(days=1, hours=11))
    two.drip.tick()
    planned, _ = changed(two, steps=SLOWER)

    assert len(planned.moves) == 2


def test_a_few_of_those_who_leave_are_named() -> None:
    many = [Ending(at, lead_id=at, address=f"6012345678{at}") for at in range(5)]

    assert named(many[:1]) == "60123456780"
    assert named(many) == "60123456780, 60123456781, 60123456782 and 2 more"
