"""Times as a person reads them."""

from datetime import UTC, datetime, timedelta

import pytest

from dripline.web.clock_words import clock, day_clock, gap, hours_text, sentence, time_span

NOW = datetime(2026, 11, 29, 2, 42, tzinfo=UTC)
ZONE = "Asia/Kuala_Lumpur"
HOUR = timedelta(hours=1)


def hours(*used: int) -> list[int]:
    return [int(hour in used) for hour in range(24)]


def test_an_hour_is_told_by_the_clock_of_the_zone() -> None:
    assert clock(NOW, ZONE) == "10:42 am"
    assert clock(NOW + timedelta(hours=1, minutes=18), ZONE) == "12 pm"


def test_another_day_is_named_and_another_year_too() -> None:
    assert day_clock(NOW, NOW, ZONE) == "10:42 am"
    assert day_clock(NOW + timedelta(days=2), NOW, ZONE) == "Tue 1 Dec, 10:42 am"
    assert day_clock(NOW + timedelta(days=40), NOW, ZONE) == "Fri 8 Jan 2027, 10:42 am"


def test_a_span_names_the_half_of_the_day_once() -> None:
    assert time_span(NOW, NOW + timedelta(minutes=20), NOW, ZONE) == "10:42–11:02 am"
    assert time_span(NOW, NOW + 3 * HOUR, NOW, ZONE) == "10:42 am–1:42 pm"
    assert time_span(NOW, NOW + timedelta(seconds=5), NOW, ZONE) == "10:42 am"


@pytest.mark.parametrize(
    ("used", "told"),
    [
        (hours(), ""),
        (hours(9), "9 am"),
        (hours(9, 10), "9–11 am"),
        (hours(9, 19), "9 am–8 pm"),
        (hours(23), "11 pm"),
        (hours(0, 23), "all day"),
    ],
)
def test_the_hours_of_a_day_are_told_from_the_first_to_the_last(used: list[int], told: str) -> None:
    assert hours_text(used) == told


def test_a_gap_and_a_sentence_are_written_as_people_do() -> None:
    assert [gap(9), gap(60), gap(150)] == ["9 s", "1 min", "2 min 30 s"]
    assert [sentence("the phone is off"), sentence("Well."), sentence(None)] == ["The phone is off.", "Well.", ""]
