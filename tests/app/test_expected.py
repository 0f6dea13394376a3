"""When an open record will really go, and everything that it waits for, the longest first."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dripline import Dripline, FakeChannel, Pace, Policy, Sender, Sequence, Step, VirtualClock, Workspace
from dripline.core.queries.filters import EnrollmentFilter, LeadFilter, RecordFilter
from dripline.core.time.send_window import SendWindow

HOUR = timedelta(hours=1)
PASS = timedelta(minutes=1)
LEAD = "60123456789"


def started(drip: Dripline, *, window: str | None = None, senders: tuple[str, ...] = (), trigger: str = "T") -> None:
    steps = [Step("one"), Step("two", "12h")]
    drip.apply(Sequence("S", trigger=trigger, window=window, senders=senders, steps=steps))
    drip.add_lead(phone=LEAD, triggers=[trigger])


def whys(drip: Dripline) -> list[str]:
    timeline = drip.leads.timelines(phone=LEAD)[0]
    return [timeline.why(record, drip.now()) for record in timeline.records]


def expected(drip: Dripline) -> list[datetime | None]:
    timeline = drip.leads.timelines(phone=LEAD)[0]
    return [timeline.expected(record).at for record in timeline.records]


@pytest.mark.parametrize("what", ["everything", "its sequence", "its run"])
def test_a_pause_is_named_for_a_record_whose_time_is_still_to_come(
    drip: Dripline, clock: VirtualClock, what: str
) -> None:
    started(drip)
    drip.tick()
    clock.advance(HOUR)
    named = {"everything": {}, "its sequence": {"sequence": "S"}, "its run": {"phone": LEAD}}[what]
    drip.pause(**named, reason="stock count")

    assert f"{'paused' if what == 'its run' else f'{what} is paused'}: stock count" in whys(drip)[1]
    assert expected(drip)[1] is None


def test_a_paused_sender_is_named_before_the_window_that_opens_sooner(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="console"))
    started(drip, window="09:00-20:00", senders=("jb",))
    drip.tick()
    drip.senders.pause("jb", reason="on leave")

    for why in whys(drip):
        assert "its sender jb is paused: on leave" in why
    assert whys(drip)[1].index("its sender jb is paused") < whys(drip)[1].index("waits for the window")
    assert expected(drip) == [None, None]


def test_what_waits_for_two_things_names_both_the_longest_first(drip: Dripline, clock: VirtualClock) -> None:
    drip.workspace.apply(Workspace(min_gap="30h"))
    started(drip, window="09:00-20:00")
    clock.advance(timedelta(hours=2))
    drip.tick()
    why = whys(drip)[1]

    assert why.index("the gap of 30h") < why.index("the window 09:00–20:00")
    assert "expected at 2026-01-02 " in why


def test_lists_show_when_a_record_will_really_go(drip: Dripline, clock: VirtualClock) -> None:
    started(drip, window="09:00-20:00")
    drip.tick()
    clock.advance(timedelta(hours=2))
    drip.tick()
    second = expected(drip)[1]

    listed = {record.step: record for record in drip.records.find(RecordFilter()).rows}
    assert listed[2].expected_at == second == expected(drip)[1]
    assert drip.leads.find(LeadFilter()).rows[0].next_send_at == second
    stands = drip.records.find_enrollments(EnrollmentFilter()).rows[0].stands
    assert stands is not None
    assert stands.expected_at == second
    assert second is not None
    assert second > listed[2].next_trigger_time


def test_hours_that_never_meet_are_told_and_nothing_is_expected(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(quiet="21:00-09:00", zone="Asia/Kuala_Lumpur")))
    started(drip, window="22:00-02:00", senders=("jb",))

    assert "never let it go together" in whys(drip)[0]
    assert expected(drip)[0] is None


WINDOWS = (None, "09:00-20:00", "Mon-Fri 10:00-12:00", "22:00-02:00")
WAITS = ("0s", "10m", "5h", "12h", "30h", "3d")


@given(
    waits=st.lists(st.sampled_from(WAITS), min_size=1, max_size=5),
    window=st.sampled_from(WINDOWS),
    quiet=st.sampled_from((None, "21:00-07:00")),
    gap=st.sampled_from(("0s", "6h", "2d")),
    start=st.integers(0, 7 * 24 * 60),
)
def test_what_is_expected_is_what_happens_while_nothing_changes(
    waits: list[str], window: str | None, quiet: str | None, gap: str, start: int
) -> None:
    assume(window != "22:00-02:00" or quiet is None)
    clock = VirtualClock(datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=start))
    fake = FakeChannel()
    with Dripline("sqlite://", clock=clock, channels={"wa": fake}) as drip:
        drip.workspace.apply(Workspace(min_gap=gap))
        drip.senders.apply(Sender("jb", channel="wa", pace=Pace(quiet=quiet, zone="Asia/Kuala_Lumpur")))
        steps = [Step(f"{place}", wait) for place, wait in enumerate(waits)]
        drip.apply(Sequence("S", trigger="T", senders=["jb"], window=window, steps=steps, policy=Policy()))
        drip.add_lead(phone=LEAD, triggers=["T"])
        foretold = expected(drip)
        while drip.records.count_due() or drip.records.next_due() is not None:
            drip.tick()
            due = drip.records.next_due()
            clock.advance(max((due - clock.now()) if due else PASS, PASS))
        went = [record.completed_at for record in drip.records(phone=LEAD)]

    apart = [at - forecast for at, forecast in zip(went, foretold, strict=True) if at and forecast]
    assert len(apart) == len(waits)
    assert max(map(abs, apart)) <= timedelta(minutes=20)


@pytest.mark.parametrize(
    ("many", "pace"),
    [
        (20, Pace(gap="10s-30s", hourly_cap=60, daily_cap=400)),
        (20, Pace(gap="20s", daily_cap=30)),
        (12, Pace(gap="20s", hourly_cap=10)),
        (8, Pace(daily_cap=3)),
    ],
)
def test_a_cap_delays_only_what_is_beyond_its_room(drip: Dripline, clock: VirtualClock, many: int, pace: Pace) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=pace))
    drip.apply(Sequence("S", trigger="T", senders=["jb"], steps=[Step("one")]))
    for number in range(many):
        drip.add_lead(phone=f"6012345{number:04}", triggers=["T"])
    told = {row.id: row.expected_at for row in drip.records.find(RecordFilter()).rows}
    while drip.records.count_due():
        drip.tick()
        clock.advance(PASS / 4 if pace.gaps[1] else HOUR)

    for record in drip.records():
        expected_at = told[record.id]
        assert expected_at is not None
        assert record.completed_at is not None
        # A meter's bucket, an hour of a day, and what a pace that is drawn differs by.
        assert abs(expected_at - record.completed_at) <= (HOUR * 2 if pace.gaps[1] == timedelta(0) else HOUR / 3)


def test_a_later_step_finds_the_lane_as_the_one_before_it_leaves_it(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(daily_cap=1)))
    drip.apply(Sequence("S", trigger="T", senders=["jb"], steps=[Step("one"), Step("two", "1h")]))
    drip.add_lead(phone=LEAD, triggers=["T"])

    first, second = expected(drip)
    assert first is not None
    assert second is not None
    assert second - first == 25 * HOUR


def test_holidays_longer_than_two_weeks_are_no_hours_that_never_meet(drip: Dripline, clock: VirtualClock) -> None:
    """An Australian mobile, which may be in seven zones, over a long closure."""
    closed = SendWindow.read("09:00-20:00", holidays=["2025-12-18..2026-01-25"])
    drip.apply(Sequence("S", trigger="T", steps=[Step("one")], window=closed))
    drip.add_lead(phone="61412345678", triggers=["T"])
    drip.tick()
    timeline = drip.leads.timelines(phone="61412345678")[0]

    assert "never open" not in timeline.why(timeline.records[0], clock.now())
    assert f"{timeline.expected(timeline.records[0]).at:%Y-%m-%d}" == "2026-01-26"
