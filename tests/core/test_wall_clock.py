"""Days of a lead's calendar, across every change of clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.core.time.schedule import Wait, format_delay, parse_wait
from dripline.core.time.wall_clock import shifts, times_after

DAY = timedelta(days=1)


def wait_of(days: int, seconds: int) -> Wait:
    return Wait(timedelta(days=days, seconds=seconds), calendar_days=days)


waits = st.builds(wait_of, st.integers(0, 400), st.integers(0, 200_000))


@given(st.sampled_from(sorted(available_timezones())), st.integers(0, 5 * 365 * 86_400), st.integers(1, 300))
def test_a_wait_in_days_keeps_the_wall_clock(zone: str, seconds: int, days: int) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    clocks = ZoneInfo(zone)
    at = times_after(start, [Wait(days * DAY, calendar_days=days)], zone)[0].astimezone(clocks)
    wanted = start.astimezone(clocks).replace(tzinfo=None) + days * DAY

    shown = at.replace(tzinfo=None)
    exists = wanted.replace(tzinfo=clocks).astimezone(UTC).astimezone(clocks).replace(tzinfo=None) == wanted
    assert shown == wanted if exists else wanted < shown <= wanted + timedelta(hours=24)
    assert not exists or at.fold == 0


@given(st.sampled_from(["UTC", "Asia/Kuala_Lumpur", "Asia/Tokyo"]), st.lists(waits, max_size=5))
def test_where_no_clocks_change_a_day_is_24_hours(zone: str, several: list[Wait]) -> None:
    assert not any(shifts(datetime(2026, 3, 1, tzinfo=UTC), tuple(several), zone))


@given(waits)
def test_a_wait_is_read_back_as_it_was_written(wait: Wait) -> None:
    assert parse_wait(format_delay(wait)) == wait


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2026-03-28T01:30:00", "2026-03-29T01:00:00"),  # 02:30 is skipped: 03:00 is the next there is
        ("2026-10-24T00:30:00", "2026-10-25T00:30:00"),  # 02:30 comes twice: the first
    ],
)
def test_the_hours_of_a_change_are_the_next_and_the_first(start: str, day: str) -> None:
    begins, expected = (datetime.fromisoformat(f"{text}+00:00") for text in (start, day))
    later = times_after(begins, [parse_wait("1d"), parse_wait("1d")], "Europe/Berlin")

    assert later[0] == expected
    assert f"{later[1].astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" == "02:30"
