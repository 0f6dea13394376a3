"""The calendar's forecast: counts by hour, within sending hours and the limits of senders."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dripline.core.planning.hours_ahead import LaneAhead, Load, Terms, alike, capacity_of, hours_ahead
from dripline.core.senders.lane import Lane
from dripline.core.senders.sender import Pace
from dripline.core.time.send_window import SendWindow

NOW = datetime(2026, 11, 30, 10, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNTIL = datetime(2026, 12, 7, tzinfo=UTC)
DAYTIME = SendWindow.read("09:00-17:00")


def at(hour: int, day: int = 30) -> datetime:
    return datetime(2026, 11, 30, hour, tzinfo=UTC) + timedelta(days=day - 30)


def lane(pace: Pace | None = None, number: int = 1) -> Lane:
    return Lane(number, name=f"jb-{number}", pace=pace or Pace(), free_at=NOW)


def load(hour: datetime, count: int, window: SendWindow | None = None) -> Load:
    return Load(Terms(1, window=window), at=hour, count=count)


def sent(found: Counter[tuple[int, datetime]]) -> dict[datetime, int]:
    return {hour: count for (_, hour), count in sorted(found.items())}


def test_without_senders_and_hours_each_goes_in_its_hour_and_the_overdue_now() -> None:
    found = hours_ahead([load(at(3), 5), load(at(12), 7), load(UNTIL, 2)], [], NOW, UNTIL)

    assert sent(found.hourly) == {at(10): 5, at(12): 7}
    assert found.later == {1: 2}


def test_what_comes_outside_its_hours_goes_when_they_open() -> None:
    found = hours_ahead([load(at(20), 5, DAYTIME), load(at(12), 1, DAYTIME)], [], NOW, UNTIL)

    assert sent(found.hourly) == {at(12): 1, at(9, 31): 5}


def test_a_daily_cap_spreads_over_days_within_the_hours() -> None:
    capped = LaneAhead(lane(Pace(daily_cap=10)), shares={1: 1.0})
    found = hours_ahead([load(at(10), 25, DAYTIME)], [capped], NOW, UNTIL)
    days = Counter[int]()
    for hour, count in sent(found.hourly).items():
        days[hour.day] += count
        assert 9 <= hour.hour < 17

    assert days == {30: 10, 1: 10, 2: 5}


def test_a_gap_lets_so_many_go_an_hour() -> None:
    slow = LaneAhead(lane(Pace(gap="1m")), shares={1: 1.0})
    found = hours_ahead([load(at(10), 100)], [slow], NOW, UNTIL)

    assert sent(found.hourly) == {at(10): 40, at(11): 60}


def test_quiet_hours_of_a_sender_are_passed_over() -> None:
    quiet = LaneAhead(lane(Pace(quiet="12:00-15:00", zone="UTC")), shares={1: 1.0})
    found = hours_ahead([load(at(12), 8)], [quiet], NOW, UNTIL)

    assert sent(found.hourly) == {at(15): 8}


def test_what_goes_by_a_paused_sender_has_no_time() -> None:
    lanes = [LaneAhead(None, shares={1: 0.25}), LaneAhead(lane(), shares={1: 0.75})]
    found = hours_ahead([load(at(10), 100)], lanes, NOW, UNTIL)

    assert (found.held, sent(found.hourly)) == ({1: 25}, {at(10): 75})


def test_senders_that_are_alike_are_counted_as_one_with_the_pace_of_all() -> None:
    pace = Pace(gap="1m", daily_cap=50)
    lanes = [LaneAhead(lane(pace, number), shares={1: 0.1}) for number in range(10)]
    (merged,) = alike(lanes)

    assert merged.lane is not None
    assert (merged.lane.pace.burst, merged.lane.pace.daily_cap) == (10, 500)
    assert round(merged.shares[1], 6) == 1


def test_a_capacity_is_the_least_of_what_the_limits_allow() -> None:
    day = (at(0, 31), at(0, 32))

    assert capacity_of(lane(), *day) is None
    assert capacity_of(lane(Pace(daily_cap=400, gap="10s")), *day) == 400
    assert capacity_of(lane(Pace(gap="1m", quiet="20:00-08:00", zone="UTC")), *day) == 12 * 60
    assert capacity_of(lane(Pace(hourly_cap=5, quiet="20:00-08:00", zone="UTC")), *day) == 60


@given(
    loads=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 300)), max_size=12),
    shares=st.lists(st.floats(0.01, 1), min_size=1, max_size=4),
    cap=st.none() | st.integers(1, 50),
    held=st.sampled_from([0, 1]),
)
def test_nothing_is_lost_and_nothing_is_made_up(
    loads: list[tuple[int, int]], shares: list[float], cap: int | None, held: int
) -> None:
    pace, total = Pace(hourly_cap=cap, gap="7s"), sum(shares)
    lanes = [
        LaneAhead(None if place < held else lane(pace, place), shares={1: share / total})
        for place, share in enumerate(shares)
    ]
    found = hours_ahead([load(NOW + HOUR * at, count, DAYTIME) for at, count in loads], lanes, NOW, UNTIL)
    told = sum(found.hourly.values()) + sum(found.later.values()) + sum(found.held.values())

    assert told == sum(count for _, count in loads)
    assert min(found.hourly.values(), default=1) > 0
