"""Messages of one run keep their distance, and nothing is late for what a rule moved; on both databases."""

from datetime import timedelta
from itertools import pairwise

from dripline import (
    Dripline,
    FakeChannel,
    Outcome,
    Pace,
    Policy,
    RetryLater,
    Sender,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)

LEAD = "60123456789"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FIVE = [Step("1"), Step("2", "5m"), Step("3", "5m"), Step("4", "5m")]


def begin(drip: Dripline, steps: list[Step], **of: object) -> None:
    drip.apply(Sequence("S", trigger="T", steps=steps, **of))  # type: ignore[arg-type]
    drip.add_lead(phone=LEAD, zone="UTC", triggers=["T"])


def watch(drip: Dripline, clock: VirtualClock, fake: FakeChannel, span: timedelta) -> list[tuple[int, timedelta]]:
    """Look every 15 seconds while something is due, and when something will be; when did each step go, from now on?"""
    start, seen, sent = clock.now(), len(fake.accepted), list[tuple[int, timedelta]]()
    while clock.now() < start + span:
        drip.tick()
        sent += [(message.step, clock.now() - start) for message in fake.accepted[seen:]]
        seen = len(fake.accepted)
        due = start + span if (soon := drip.records.next_due()) is None else soon
        clock.advance(timedelta(seconds=15) if drip.records.count_due() else max(MINUTE, due - clock.now()))
    return sent


def test_short_waits_after_an_outage_do_not_burst(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    begin(drip, FIVE)
    clock.advance(15 * MINUTE)

    assert watch(drip, clock, fake, HOUR) == [(step, 5 * (step - 1) * MINUTE) for step in (1, 2, 3, 4)]
    assert drip.verify() == []


def answering(url: str, clock: VirtualClock, *outcomes: Outcome) -> tuple[Dripline, FakeChannel]:
    fake = FakeChannel(outcomes)
    return Dripline(url, clock=clock, channels={"console": fake}), fake


def test_a_step_after_one_that_may_have_gone_keeps_its_distance(url: str, clock: VirtualClock) -> None:
    drip, fake = answering(url, clock, Unknown("read timeout"))
    with drip:
        begin(drip, [Step("1"), Step("2", "1h"), Step("3", "1h")])
        clock.advance(3 * HOUR)
        sent = watch(drip, clock, fake, 4 * HOUR)

    assert [(step, at // HOUR) for step, at in sent] == [(2, 1), (3, 2)]


def test_skip_eats_no_step_that_its_window_moves(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    days = [Step("1"), *(Step(str(day), "1d") for day in range(2, 7))]
    begin(drip, days, window="Mon-Fri 09:00-17:00", policy=Policy(when_late="skip"))
    sent = watch(drip, clock, fake, timedelta(days=9))

    assert [step for step, _ in sent] == [1, 2, 3, 4, 5, 6]
    gaps = [later - earlier for (_, earlier), (_, later) in pairwise(sent)]
    assert min(gaps) >= 12 * HOUR


def test_skip_eats_no_step_behind_one_that_was_tried_for_long(url: str, clock: VirtualClock) -> None:
    drip, fake = answering(url, clock, RetryLater("busy", after=2 * HOUR))
    with drip:
        begin(drip, [Step("1"), Step("2", "10m"), Step("3", "0s")], policy=Policy(when_late="skip"))
        sent = watch(drip, clock, fake, 3 * HOUR)

    assert [step for step, _ in sent] == [1, 2, 3]
    assert sent[1][1] - sent[0][1] >= 5 * MINUTE


def test_skip_passes_over_what_was_overdue_after_an_outage_although_a_window_was_shut(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    begin(drip, [Step("1", "1h"), Step("2", "1d")], window="09:00-17:00", policy=Policy(when_late="skip"))
    clock.advance(12 * HOUR)
    sent = watch(drip, clock, fake, timedelta(days=2))

    assert [step for step, _ in sent] == [2]
    assert drip.records(phone=LEAD)[0].status == "skipped"


def test_skip_eats_nothing_that_quiet_hours_or_caps_of_its_sender_keep(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(hourly_cap=1, quiet="00:00-08:00", zone="UTC")))
    drip.apply(Sequence("S", trigger="T", senders=["jb"], steps=[Step("Hi")], policy=Policy(when_late="skip")))
    for digit in range(4):
        drip.add_lead(phone=f"6012345678{digit}", triggers=["T"])

    assert len(watch(drip, clock, fake, 13 * HOUR)) == 4


def test_a_shortened_wait_keeps_its_distance_from_what_went(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    begin(drip, [Step("1"), Step("2", "1d")])
    clock.advance(14 * MINUTE)
    drip.tick()
    drip.apply(Sequence("S", trigger="T", steps=[Step("1"), Step("2", "10m")]), reach="all")

    assert watch(drip, clock, fake, HOUR) == [(2, 5 * MINUTE)]
