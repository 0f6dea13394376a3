"""Windows of local time, held against a minute-by-minute search around every change of clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.core.time.calendar import Window, parse_hours
from dripline.core.time.clocks import changes_of_clocks
from dripline.errors import InvalidWindow

ZONES = (
    "Asia/Kuala_Lumpur", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
    "Pacific/Chatham", "America/Santiago", "Africa/Casablanca", "Asia/Kathmandu", "UTC",
)  # fmt: skip
MINUTE = timedelta(minutes=1)

hours = st.tuples(st.integers(0, 23), st.sampled_from((0, 15, 30, 45))).map(lambda at: time(*at))
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001  (given its zone here)
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
weekdays = st.frozensets(st.integers(0, 6), min_size=1)


def brute_force(window: Window, instant: datetime) -> datetime:
    while not window.is_open(instant):
        instant += MINUTE
    return instant


@given(opens=hours, closes=hours, zone=st.sampled_from(ZONES), days=weekdays, instant=instants)
def test_the_next_opening_is_the_earliest(
    opens: time, closes: time, zone: str, days: frozenset[int], instant: datetime
) -> None:
    window = Window(opens, closes, zone=zone, weekdays=days)

    assert window.next_open(instant) == brute_force(window, instant)


@pytest.mark.parametrize("zone", ZONES)
def test_the_next_opening_is_the_earliest_around_every_change_of_clocks(zone: str) -> None:
    for change in changes_of_clocks(datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC), ZoneInfo(zone)):
        for opens, closes in ((time(2, 30), time(3, 15)), (time(1, 45), time(2, 0)), (time(23, 30), time(2, 15))):
            window = Window(opens, closes, zone=zone)
            for before in (timedelta(hours=26), timedelta(hours=3), MINUTE * 30, -MINUTE * 20):
                assert window.next_open(change - before) == brute_force(window, change - before)


def test_an_hour_that_the_clocks_skip_is_not_waited_for() -> None:
    window = Window(time(2, 30), time(5), zone="Europe/Berlin")

    assert window.next_open(datetime(2026, 3, 28, 23, tzinfo=UTC)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize("written", ["9-17", "09:00-17:00", "21:00–08:00", "00:00-12"])
def test_hours_are_read_as_people_write_them(written: str) -> None:
    assert parse_hours(written)[0] != parse_hours(written)[1]


@pytest.mark.parametrize("written", ["9", "9-9", "24:01-3", "a-b", "-3-4", "009-10", ""])
def test_hours_that_are_none_are_refused(written: str) -> None:
    with pytest.raises(InvalidWindow):
        parse_hours(written)


def test_a_window_that_never_opens_is_refused() -> None:
    with pytest.raises(InvalidWindow, match="no weekday"):
        Window(time(9), time(17), zone="UTC", weekdays=frozenset())
