"""Send windows, held against a walk along the wall clock, minute by minute, that knows nothing of how they are made."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.core.time.clocks import changes_of_clocks
from dripline.core.time.opening_hours import NEVER, Hours
from dripline.core.time.send_window import (
    HOLIDAY_LIMIT,
    HOURS_LIMIT,
    OPENING_SPREAD,
    Holiday,
    SendWindow,
    WrittenWindow,
    spread_into,
)
from dripline.errors import InvalidWindow

LONG = os.environ.get("DRIPLINE_HYPOTHESIS") == "long"
ALL_ZONES = sorted(available_timezones())
TEN_ZONES = (
    "Asia/Kuala_Lumpur", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
    "Pacific/Chatham", "America/Santiago", "Africa/Casablanca", "Asia/Kathmandu", "UTC",
)  # fmt: skip
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
AROUND = (7 if LONG else 4) * DAY
FIRST, LAST = datetime(2025 if LONG else 2026, 1, 1, tzinfo=UTC), datetime(2028 if LONG else 2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Written:
    """A window as the tests know it: (opens, closes, weekdays) in minutes of the day, and closed dates."""

    hours: tuple[tuple[int, int, frozenset[int]], ...]
    closed: frozenset[date] = frozenset()

    def window(self) -> SendWindow:
        hours = tuple(Hours(_time(opens), _time(closes), weekdays=days) for opens, closes, days in self.hours)
        return SendWindow(hours, tuple(Holiday(day, day) for day in self.closed))

    def is_open(self, local: datetime) -> bool:
        """Look at the wall clock: the time, the weekday, the date, and yesterday's."""
        now, today, yesterday = local.hour * 60 + local.minute, local.date(), local.date() - DAY
        if today in self.closed:
            return False
        return any(
            (opens <= now < closes and today.weekday() in days)
            if opens < closes
            else (now >= opens and today.weekday() in days)
            or (now < closes and yesterday.weekday() in days and yesterday not in self.closed)
            for opens, closes, days in self.hours
        )


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def minutes(first: datetime, last: datetime) -> Iterator[datetime]:
    """An instant, and every full minute after it."""
    yield first
    first = first.replace(second=0, microsecond=0)
    while (first := first + MINUTE) < last:
        yield first


weekdays = st.one_of(st.just(frozenset(range(7))), st.frozensets(st.integers(0, 6), min_size=1))
hours = st.tuples(st.integers(0, 1439), st.integers(1, 1440), weekdays).filter(lambda it: it[0] != it[1])
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def _after(at: datetime, delay: timedelta) -> datetime:
    return at.replace(tzinfo=UTC) + delay


enrolled = st.datetimes(datetime(2024, 1, 1), datetime(2028, 11, 30))  # noqa: DTZ001  (given its zone above)
planned = st.builds(_after, enrolled, st.timedeltas(timedelta(0), timedelta(days=30)))


@st.composite
def written(draw: st.DrawFn, around: date) -> Written:
    """One to three hours, some holidays near the planned date and some anywhere."""
    near = st.integers(-2, 6).map(lambda n: around + n * DAY)
    closed = draw(st.frozensets(st.one_of(near, days), max_size=5))
    return Written(tuple(draw(st.lists(hours, min_size=1, max_size=3))), closed)


@given(data=st.data(), at=planned, zone=st.sampled_from(ALL_ZONES))
def test_a_planned_time_moves_to_the_earliest_allowed_instant(data: st.DataObject, at: datetime, zone: str) -> None:
    plan = data.draw(written(at.date()))
    window, clocks = plan.window(), ZoneInfo(zone)

    allowed = window.next_open(at, zone)

    assert allowed >= at
    assert window.is_open(allowed, zone)
    assert plan.is_open(allowed.astimezone(clocks))
    end = at + 10 * DAY
    assert min(allowed, end) == next((i for i in minutes(at, end) if plan.is_open(i.astimezone(clocks))), end)


@given(data=st.data(), at=planned, zone=st.sampled_from(ALL_ZONES))
def test_an_opening_ends_at_the_first_closed_instant(data: st.DataObject, at: datetime, zone: str) -> None:
    plan = data.draw(written(at.date()))
    window, clocks = plan.window(), ZoneInfo(zone)
    opening = window.next_open(at, zone)

    closes = window.closes_at(opening, zone)

    assert closes == NEVER or not plan.is_open(closes.astimezone(clocks))
    end = opening + 10 * DAY
    walk = (i for i in minutes(opening, end) if not plan.is_open(i.astimezone(clocks)))
    assert min(closes, end) == next(walk, end)


def check_every_minute(plan: Written, zone: str, walk: list[tuple[datetime, datetime]]) -> None:
    """Compare a window with a walk along instants and their wall clock, from its end backwards."""
    window = plan.window()
    next_open = next_closed = None
    for at, local in reversed(walk):
        if plan.is_open(local):
            assert window.is_open(at, zone), (zone, at, local)
            assert next_closed is None or window.closes_at(at, zone) == next_closed, (zone, at, local)
            next_open = at
        else:
            assert not window.is_open(at, zone), (zone, at, local)
            next_closed = at
        assert next_open is None or window.next_open(at, zone) == next_open, (zone, at, local)


def plans_around(change: datetime, clocks: ZoneInfo) -> Iterator[Written]:
    """Windows that a change of clocks may confuse: inside what is skipped or comes twice, across it, and by date."""
    every = frozenset(range(7))
    before, after = (change - MINUTE).astimezone(clocks), change.astimezone(clocks)
    wall = before.hour * 60 + before.minute
    today = (change + 3 * timedelta(hours=1)).astimezone(clocks).date()
    yield Written((((wall + 10) % 1440, (wall + 25) % 1440, every),))
    yield Written((((wall - 20) % 1440, (wall - 5) % 1440, every), ((wall + 50) % 1440, (wall + 95) % 1440, every)))
    yield Written(((23 * 60 + 25, (after.hour * 60 + after.minute + 30) % 1440 or 1, every),))
    yield Written(((22 * 60, 5 * 60, frozenset({after.weekday()})), (540, 1200, every - {6})), frozenset({today}))
    yield Written(((0, 1440, every - {before.weekday()}), (23 * 60, 180, every)), frozenset({today + DAY}))


FIRST_ZONES = [*TEN_ZONES[:2], *(pytest.param(zone, marks=pytest.mark.slow) for zone in TEN_ZONES[2:])]


@pytest.mark.parametrize("zone", FIRST_ZONES)
def test_every_minute_of_the_days_around_a_change_of_clocks_agrees(zone: str) -> None:
    clocks = ZoneInfo(zone)
    changes = tuple(changes_of_clocks(FIRST, LAST, clocks)) or (datetime(2026, 3, 29, 1, tzinfo=UTC),)
    for change in changes:
        walk = [(at, at.astimezone(clocks)) for at in minutes(change - AROUND, change + AROUND)]
        for plan in plans_around(change, clocks):
            check_every_minute(plan, zone, walk)


@pytest.mark.slow
def test_every_zone_agrees_around_each_of_its_changes_of_clocks() -> None:
    step = 1 if LONG else 30
    for zone in ALL_ZONES:
        clocks = ZoneInfo(zone)
        for change in changes_of_clocks(datetime(2024, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC), clocks):
            assert change == change.replace(second=0, microsecond=0)
            near = [change + n * MINUTE for n in (*range(-150, 150, step), -1, 1)]
            for plan in plans_around(change, clocks):
                window = plan.window()
                assert [window.is_open(at, zone) for at in near] == [plan.is_open(at.astimezone(clocks)) for at in near]


def test_a_zone_that_leaves_out_a_day_leaves_it_out() -> None:
    """Samoa went from Thursday, 29 December 2011, straight to Saturday."""
    friday = SendWindow.read("Fri 09:00-17:00")

    assert friday.next_open(datetime(2011, 12, 30, tzinfo=UTC), "Pacific/Apia") == datetime(2012, 1, 5, 19, tzinfo=UTC)


def test_an_hour_that_is_skipped_is_not_waited_for() -> None:
    window = SendWindow.read("02:30-05:00")

    assert window.next_open(datetime(2026, 3, 28, 23, tzinfo=UTC), "Europe/Berlin") == datetime(
        2026, 3, 29, 1, tzinfo=UTC
    )


def test_an_hour_that_comes_twice_counts_twice() -> None:
    window = SendWindow.read("02:15-02:45")
    first = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)

    assert window.closes_at(first, "Europe/Berlin") == first + 30 * MINUTE
    assert window.next_open(first + 30 * MINUTE, "Europe/Berlin") == first + 60 * MINUTE


def test_hours_that_opened_on_a_holiday_stay_closed_after_its_midnight() -> None:
    window = SendWindow.read("22:00-04:00", ["2026-12-25"])

    assert window.closes_at(datetime(2026, 12, 24, 23, tzinfo=UTC), "UTC") == datetime(2026, 12, 25, tzinfo=UTC)
    assert window.next_open(datetime(2026, 12, 25, tzinfo=UTC), "UTC") == datetime(2026, 12, 26, 22, tzinfo=UTC)


def test_the_whole_day_never_closes_but_for_its_holidays() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    closed = SendWindow.read("00:00-24:00", ["2029-05-01"])

    assert SendWindow.read("0-24").closes_at(start, "Europe/Berlin") == NEVER
    assert closed.closes_at(start, "UTC") == datetime(2029, 5, 1, tzinfo=UTC)
    assert closed.closes_at(datetime(2029, 5, 2, tzinfo=UTC), "UTC") == NEVER


def test_an_instant_is_answered_whatever_zone_it_is_written_in() -> None:
    window, local = SendWindow.read("09:00-17:00"), datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Berlin"))

    assert window.is_open(local, "Europe/Berlin")
    assert window.next_open(local, "Europe/Berlin").tzinfo is UTC


def test_a_million_questions_are_not_a_million_calculations() -> None:
    """Equal windows share what was worked out, and words that were read before give the same window."""
    again = SendWindow.read("Mon-Fri 09:00-20:00")

    assert again is SendWindow.read(["Mon-Fri 09:00-20:00"])
    assert hash(again) == hash(SendWindow(again.hours))


@pytest.mark.parametrize(
    ("text", "canonical", "shown"),
    [
        ("09:00-20:00", "09:00-20:00", "09:00–20:00"),
        ("Mon-Sat 09:00-20:00", "Mon-Sat 09:00-20:00", "Mon–Sat 09:00–20:00"),
        ("Mon,Wed,Fri 9-17", "Mon,Wed,Fri 09:00-17:00", "Mon,Wed,Fri 09:00–17:00"),
        ("sat – SUN 10–14", "Sat-Sun 10:00-14:00", "Sat–Sun 10:00–14:00"),
        ("friday-Monday, Wed 22-2:30", "Wed,Fri-Mon 22:00-02:30", "Wed,Fri–Mon 22:00–02:30"),
        ("Mon-Sun 0-24", "00:00-24:00", "00:00–24:00"),
        ("Tue 18:00 - 24", "Tue 18:00-24:00", "Tue 18:00–24:00"),
        ("Mon-Fri 9-20; Sat 10-14", "Mon-Fri 09:00-20:00; Sat 10:00-14:00", "Mon–Fri 09:00–20:00; Sat 10:00–14:00"),
    ],
)
def test_a_window_is_read_as_people_write_it(text: str, canonical: str, shown: str) -> None:
    window = SendWindow.read(text)

    assert (window.written, str(window)) == (canonical, shown)
    assert SendWindow.read(canonical) == window


@given(data=st.data())
def test_a_window_is_read_back_as_it_was_written(data: st.DataObject) -> None:
    window = data.draw(written(date(2026, 1, 1))).window()

    assert SendWindow.read(window.written, window.holidays_written or None) == window
    assert SendWindow.from_json(window.as_json()) == window


def test_holidays_are_kept_in_order_and_stored_as_written() -> None:
    window = SendWindow.read("9-17", ["2026-12-25", " 2026-02-17 .. 2026-02-18"])

    assert window.as_json() == WrittenWindow(hours=["09:00-17:00"], holidays=["2026-02-17..2026-02-18", "2026-12-25"])
    assert window == SendWindow.read("9-17", "2026-02-17..2026-02-18; 2026-12-25")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "is empty"),
        ([], "is empty"),
        (["  "], "is empty"),
        ("Mon 9-17;", "has an empty part"),
        ("9-9", "begin where they end"),
        ("00:00-00:00", "begin where they end"),
        ("24:00-08:00", "00:00 of the next"),
        ("Mon", "names no hours"),
        ("always", "names no hours"),
        ("Mon 9", "'9' cannot be read"),
        ("Mon 9-", "cannot be read"),
        ("-9-17", "weekday '-'"),
        ("25-26", "'25' cannot be read"),
        ("09:60-17", "'09:60' cannot be read"),
        ("9-17 Mon", "cannot be read"),
        ("Mon,, Tue 9-17", "weekday ''"),
        (", 9-17", "weekday ''"),
        ("Mon-Wed-Fri 9-17", "weekday 'Mon-Wed-Fri'"),
        ("Mo-Fr 9-17", "weekday 'Mo-Fr'"),
        ("Someday 9-17", "weekday 'Someday'"),
        ("Montag 9-17", "weekday 'Montag'"),
        ("Mon ٩-17", "cannot be read"),
        (["9-17"] * (HOURS_LIMIT + 1), f"{HOURS_LIMIT + 1} hours"),
    ],
)
def test_an_impossible_window_is_refused(text: str | list[str], named: str) -> None:
    refuse(lambda: SendWindow.read(text), named)


@pytest.mark.parametrize(
    ("holidays", "named"),
    [
        ([], "list of holidays is empty"),
        ("", "list of holidays is empty"),
        ([" "], "list of holidays is empty"),
        (["2026-12-25", ""], "'' cannot be read"),
        (["25.12.2026"], "'25.12.2026' cannot be read"),
        (["20261225"], "cannot be read"),
        (["2026-W01-1"], "cannot be read"),
        (["2026-02-30"], "'2026-02-30' cannot be read"),
        (["2026-02-17.."], "cannot be read"),
        (["2026-02-17...2026-02-18"], "cannot be read"),
        (["Christmas"], "'Christmas' cannot be read"),
        (["2026-02-18..2026-02-17"], "ends before it begins"),
        (["1999-12-31"], "2000 to 2099"),
        (["9999-12-31"], "2000 to 2099"),
        (["2026-02-17..2026-02-18", "2026-02-18"], "overlap"),
        (["2026-12-25", "2026-12-25"], "overlap"),
        (["2026-01-01..2026-12-31", "2027-01-01..2027-02-05"], f"401 days, more than {HOLIDAY_LIMIT}"),
    ],
)
def test_impossible_holidays_are_refused(holidays: str | list[str], named: str) -> None:
    refuse(lambda: SendWindow.read("9-17", holidays), named)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: SendWindow(()), "0 hours"),
        (lambda: SendWindow((Hours(time(9), time(9)),)), "begin where they end"),
        (lambda: SendWindow((Hours(time(9), time(17, 0, 30)),)), "no plain minutes"),
        (lambda: Hours(time(9), time(17), weekdays=frozenset()), "no weekday"),
    ],
)
def test_an_impossible_window_cannot_be_made_either(make: Callable[[], object], named: str) -> None:
    refuse(make, named)


def refuse(make: Callable[[], object], named: str) -> None:
    with pytest.raises(InvalidWindow) as refused:
        make()
    sentence = str(refused.value)
    assert named in sentence
    assert ": " in sentence, "the remedy follows a colon"
    assert sentence.endswith(".")


@given(st.integers(1, 100_000), st.floats(0, 1))
def test_a_moved_record_goes_within_the_opening_at_a_whole_second(length: int, share: float) -> None:
    opening = datetime(2026, 1, 1, 9, tzinfo=UTC)
    closes = opening + timedelta(seconds=length)

    at = spread_into(opening, closes, share)

    assert opening <= at < closes
    assert at <= opening + OPENING_SPREAD
    assert at.microsecond == 0


def test_an_opening_is_spread_over_ten_minutes_or_its_half() -> None:
    opening = datetime(2026, 1, 1, 9, tzinfo=UTC)

    assert spread_into(opening, opening + timedelta(hours=8), 0.5) == opening + 5 * MINUTE
    assert spread_into(opening, opening + 10 * MINUTE, 1) == opening + 5 * MINUTE
    assert spread_into(opening, NEVER, 0) == opening
