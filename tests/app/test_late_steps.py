"""Late steps under each policy, on both databases: the mission's sequence with an outage from Hour 10 to Hour 40."""

from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, Policy, Sequence, Step, VirtualClock

HOUR = timedelta(hours=1)
LEAD = "60123456789"
TICK = timedelta(seconds=15)


def with_policy(warm: Sequence, policy: Policy) -> Sequence:
    return Sequence(warm.name, trigger=warm.trigger, steps=warm.steps, policy=policy)


def sent_with_outage(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> dict[int, timedelta]:
    """Run from Hour 0 to 80, but not from Hour 10 to 40; three ticks at each hour. When did each step go?"""
    start, sent = clock.now(), dict[int, timedelta]()
    for hour in range(80):
        for tick in range(3):
            if not 10 <= hour < 40 and drip.tick().sent:
                sent[fake.accepted[-1].step] = clock.now() - start
            clock.advance(TICK if tick < 2 else HOUR - 2 * TICK)
    return sent


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("respace", {1: 0 * HOUR, 2: 40 * HOUR, 3: 52 * HOUR, 4: 64 * HOUR}),
        ("keep", {1: 0 * HOUR, 2: 40 * HOUR, 3: 40 * HOUR + TICK, 4: 40 * HOUR + 2 * TICK}),
        ("skip", {1: 0 * HOUR}),
    ],
)
def test_an_outage_from_hour_10_to_hour_40(
    drip: Dripline,
    warm: Sequence,
    clock: VirtualClock,
    fake: FakeChannel,
    policy: str,
    expected: dict[int, timedelta],
) -> None:
    drip.apply(with_policy(warm, Policy(when_late=policy)))
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])

    assert sent_with_outage(drip, clock, fake) == expected
    assert drip.verify() == []
    assert {record.status for record in drip.records(phone=LEAD)} <= {"completed", "skipped"}


def test_a_step_that_was_moved_says_by_what(drip: Dripline, warm: Sequence, clock: VirtualClock) -> None:
    drip.apply(warm)
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
    clock.advance(40 * HOUR)
    drip.tick()
    timeline = drip.leads.timelines(phone=LEAD)[0]

    assert timeline.why(timeline.records[2], clock.now()) == (
        "planned for 2026-01-02 08:00:00 +08;"
        " moved to 2026-01-03 12:00:00 +08 by step 2, which went 1 day, 4:00:00 late;"
        " waits for 2026-01-03 12:00:00 +08"
    )


def test_skip_sends_what_is_not_overdue(drip: Dripline, warm: Sequence, clock: VirtualClock, fake: FakeChannel) -> None:
    drip.apply(with_policy(warm, Policy(when_late="skip")))
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
    clock.advance(30 * HOUR)
    reports = [drip.tick() for _ in range(3)]
    clock.advance(6 * HOUR)
    drip.tick()

    assert [report.skipped for report in reports] == [1, 1, 0]
    assert [message.step for message in fake.accepted] == [1, 4]
    skipped = drip.records(phone=LEAD)[1]
    assert (skipped.status, skipped.reason) == ("skipped", "skipped: 18:00:00 late, and late steps are skipped")


def test_a_step_within_its_grace_is_neither_moved_nor_skipped(
    drip: Dripline, warm: Sequence, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.apply(with_policy(warm, Policy(when_late="skip", late_grace="2h")))
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
    clock.advance(14 * HOUR)
    drip.tick()
    clock.advance(12 * HOUR + timedelta(seconds=1))
    drip.tick()

    assert [message.step for message in fake.accepted] == [1, 2]


def test_a_gap_holds_between_overdue_steps(
    drip: Dripline, warm: Sequence, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.apply(with_policy(warm, Policy(when_late="keep", min_gap="3h")))
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])

    sent = sent_with_outage(drip, clock, fake)

    assert sent == {1: 0 * HOUR, 2: 40 * HOUR, 3: 43 * HOUR, 4: 46 * HOUR}
    assert "the gap of 3h" in drip.leads.timelines(phone=LEAD)[0].why(drip.records(phone=LEAD)[3], clock.now())


def test_resuming_says_what_will_happen_and_does_just_that(drip: Dripline, clock: VirtualClock) -> None:
    steps = [Step("One"), Step("Two", "12h"), Step("Three", "12h")]
    for policy in ("respace", "keep", "skip"):
        drip.apply(Sequence(policy, trigger=policy, steps=steps, policy=Policy(when_late=policy)))
    for number in range(9):
        drip.add_lead(phone=f"6012345670{number}", triggers=[("RESPACE", "KEEP", "SKIP")[number % 3]])
    drip.tick()
    clock.advance(11 * HOUR)
    drip.pause(reason="a holiday")
    for number in range(4):
        drip.add_lead(phone=f"6012345680{number}", triggers=["KEEP"])
    clock.advance(20 * HOUR)
    drip.add_lead(phone="60123456900", triggers=["SKIP"])
    assert drip.tick().sent == 0

    plan, before = drip.records.plan_resume(), {record.id: record for record in drip.records()}
    drip.resume()
    first, second = drip.tick(), drip.tick()
    after = {record.id: record for record in drip.records()}
    moved = [
        new.next_trigger_time
        for new in after.values()
        if new.next_trigger_time != before[new.id].next_trigger_time and new.status in ("pending", "active")
    ]

    assert (plan.on_time, plan.late, plan.skipped, plan.overdue) == (1, 3 + 3 + 4, 3 + 3, 3 + 4)
    assert first.sent == plan.on_time + plan.late
    assert second.sent == plan.overdue
    assert first.skipped + second.skipped == plan.skipped
    assert (plan.moved.many, plan.moved.first, plan.moved.last) == (len(moved), min(moved), max(moved))
    assert drip.verify() == []
