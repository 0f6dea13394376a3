"""Send windows in the engine: moved to the opening of the lead's own zone, with the reason, and never sent outside."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from dripline import Dripline, FakeChannel, Pace, Policy, Sender, Sequence, Step, VirtualClock, Workspace
from dripline.errors import InvalidWindow

HOUR = timedelta(hours=1)
LEAD = "60123456789"
OPENING = timedelta(minutes=10)


def windowed(window: str = "Mon-Sat 09:00-20:00", zone: str | None = None, *senders: str) -> Sequence:
    steps = [Step("One"), Step("Two", "12h")]
    return Sequence("Warm", trigger="WARM", steps=steps, window=window, zone=zone, senders=senders)


def at(hour: int, minute: int = 0, day: int = 5) -> datetime:
    """An instant by Kuala Lumpur's clock, in January 2026; the 5th is a Monday."""
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC) - 8 * HOUR


def go_to(clock: VirtualClock, instant: datetime) -> None:
    clock.advance(instant - clock.now())


def test_what_falls_outside_the_window_waits_for_its_opening(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    go_to(clock, at(3, 10))
    drip.apply(windowed())
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    report = drip.tick()

    record = drip.records(phone=LEAD)[0]
    assert (report.sent, report.deferred, fake.offered) == (0, 1, [])
    assert at(9) <= record.next_trigger_time < at(9) + OPENING
    assert (record.status, record.attempt, record.planned_time) == ("active", 0, at(3, 10))
    assert drip.due() == []
    go_to(clock, record.next_trigger_time)
    assert drip.tick().sent == 1
    assert drip.verify() == []


def test_the_why_of_a_moved_record_names_every_move(drip: Dripline, clock: VirtualClock) -> None:
    drip.senders.apply(Sender("jb-2", channel="console", pace=Pace(gap="10m")))
    go_to(clock, at(3, 10))
    drip.apply(windowed("Mon-Sat 09:00-20:00", None, "jb-2"))
    for number in range(3):
        drip.add_lead(phone=f"6012345678{number}", triggers=["WARM"])
    drip.tick()
    go_to(clock, at(9, 10))
    drip.tick()
    told = [
        line.why(line.records[0], clock.now())
        for number in range(3)
        for line in drip.leads.timelines(phone=f"6012345678{number}")
    ]

    moved = r"planned for 2026-01-05 03:10:00 \+08; moved to 2026-01-05 09:0\d:\d\d \+08"
    window = "by the window Mon–Sat 09:00–20:00 Asia/Kuala_Lumpur; "
    waits = r"due since [^;]*waits for its sender jb-2 \(its pace\) until 2026-01-05 09:20:00 \+08"
    assert sum(bool(re.match(f"{moved} {window}accepted by jb-2 at 2026-01-05 09:10:00", one)) for one in told) == 1
    assert sum(bool(re.match(f"{moved} {window}{waits}", one)) for one in told) == 2


def test_a_window_does_not_open_with_a_burst(drip: Dripline, clock: VirtualClock) -> None:
    go_to(clock, at(3))
    drip.apply(windowed())
    for number in range(200):
        drip.add_lead(phone=f"60123456{number:03d}", triggers=["WARM"])
    drip.tick()

    times = [record.next_trigger_time for record in drip.records() if record.status == "active"]
    assert len(times) == 200
    assert all(at(9) <= time < at(9) + OPENING for time in times)
    assert max(times.count(time) for time in times) < 10


@pytest.mark.parametrize(
    ("lead", "opens"),
    [
        ({"phone": LEAD}, at(9)),
        ({"phone": LEAD, "zone": "Europe/London"}, at(9) + 8 * HOUR),
        ({"phone": "12025550123"}, at(9) - HOUR),
        ({"email": "a@example.com"}, at(9) - HOUR),
    ],
)
def test_the_zone_is_the_leads_else_its_phones_else_the_sequences(
    drip: Dripline, clock: VirtualClock, lead: dict[str, str], opens: datetime
) -> None:
    go_to(clock, at(3))
    drip.apply(windowed(zone="Asia/Tokyo"))
    drip.add_lead(**lead, triggers=["WARM"])  # type: ignore[arg-type]
    drip.tick()

    assert opens <= drip.records()[0].next_trigger_time < opens + OPENING


def test_without_any_zone_it_is_the_workspaces(drip: Dripline, clock: VirtualClock) -> None:
    drip.workspace.apply(Workspace(zone="America/New_York"))
    go_to(clock, at(3))
    drip.apply(windowed())
    drip.add_lead(email="a@example.com", triggers=["WARM"])
    drip.tick()

    opens = at(9) + 13 * HOUR
    assert opens <= drip.records()[0].next_trigger_time < opens + OPENING


def test_a_lead_that_moves_is_sent_to_in_the_hours_of_its_new_zone(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    go_to(clock, at(3))
    drip.apply(windowed())
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()
    drip.add_lead(phone=LEAD, zone="Europe/London")
    go_to(clock, at(9, 15))
    assert (drip.tick().deferred, fake.offered) == (1, [])

    assert at(17) <= drip.records()[0].next_trigger_time < at(17) + OPENING


def test_a_lead_that_moves_east_does_not_wait_for_its_old_zone(drip: Dripline, clock: VirtualClock) -> None:
    go_to(clock, at(3))
    drip.apply(windowed())
    drip.add_lead(phone=LEAD, zone="Europe/London", triggers=["WARM"])
    drip.tick()
    drip.add_lead(phone=LEAD, zone="Asia/Kuala_Lumpur")
    drip.tick()

    assert at(9) <= drip.records()[0].next_trigger_time < at(9) + OPENING


def test_a_step_has_hours_of_its_own(drip: Dripline, clock: VirtualClock) -> None:
    go_to(clock, at(3))
    steps = [Step("One", window="00:00-24:00"), Step("Two", window="Sun 10:00-12:00")]
    drip.apply(Sequence("Warm", trigger="WARM", steps=steps, window="09:00-20:00"))
    drip.add_lead(phone=LEAD, triggers=["WARM"])

    assert [drip.tick().sent, drip.tick().deferred] == [1, 1]
    assert at(10, day=11) <= drip.records()[1].next_trigger_time < at(10, day=11) + OPENING


def test_what_waits_on_a_lane_when_the_window_closes_goes_at_its_next_opening(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.senders.apply(Sender("jb-1", channel="console", pace=Pace(gap="1h")))
    go_to(clock, at(18))
    drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One")], window="09:00-20:00", senders=["jb-1"]))
    for number in range(5):
        drip.add_lead(phone=f"6012345678{number}", triggers=["WARM"])
    sent_at: list[datetime] = []
    for _ in range(48 * 4):
        if drip.tick().sent:
            sent_at.append(clock.now())
        clock.advance(timedelta(minutes=15))

    hours = [(instant + 8 * HOUR).hour for instant in sent_at]
    assert (len(fake.accepted), hours) == (5, [18, 19, 9, 10, 11])
    assert drip.verify() == []


def test_gaps_hold_when_a_window_moves_a_step(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    go_to(clock, at(12))
    steps = [Step("One"), Step("Two", "12h"), Step("Three", "12h")]
    drip.apply(Sequence("Warm", trigger="WARM", steps=steps, window="09:00-20:00", policy=Policy()))
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    sent_at: list[datetime] = []
    for _ in range(4 * 24 * 12):
        if drip.tick().sent:
            sent_at.append(clock.now())
        clock.advance(timedelta(minutes=5))

    assert len(fake.accepted) == 3
    assert all(later - earlier >= 12 * HOUR - timedelta(minutes=15) for earlier, later in pairwise(sent_at))


@pytest.mark.parametrize("window", ["09:00-09:00", "Xday 9-17", "", "25:00-26:00"])
def test_an_impossible_window_is_refused_and_nothing_changes(drip: Dripline, window: str) -> None:
    with pytest.raises(InvalidWindow):
        drip.apply(windowed(window))
    assert drip.reports.counts().get("enrollments") == 0


def test_an_unknown_zone_is_named(drip: Dripline) -> None:
    with pytest.raises(InvalidWindow, match="There is no time zone 'Asia/Kuala_Lumpurr'"):
        drip.add_lead(phone=LEAD, zone="Asia/Kuala_Lumpurr")
    assert drip.leads.with_address(phone=LEAD) == []
