"""Waits in days keep the lead's wall clock, waits in hours are elapsed time; on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock

BERLIN, LEAD = "Europe/Berlin", "4915112345678"
SPRING = datetime(2026, 3, 28, 8, 40, tzinfo=UTC)  # 09:40 in Berlin, the day before its clocks go forward
HOUR = timedelta(hours=1)


@pytest.fixture
def spring(url: str) -> Iterator[Dripline]:
    with Dripline(url, clock=VirtualClock(SPRING), channels={"wa": FakeChannel()}) as drip:
        yield drip


def planned(drip: Dripline, *waits: str | timedelta, phone: str = LEAD, zone: str = BERLIN) -> list[str]:
    steps = [Step("1"), *(Step(str(at), wait) for at, wait in enumerate(waits, start=2))]
    drip.apply(Sequence("S", trigger="T", channel="wa", steps=steps))
    drip.add_lead(phone=phone, triggers=["T"])
    times = [record.planned_time.astimezone(ZoneInfo(zone)) for record in drip.records(phone=phone)]
    assert drip.verify() == []
    return [f"{at:%d %H:%M}" for at in times]


@pytest.mark.parametrize(
    ("waits", "times"),
    [
        (["1d", "1d"], ["28 09:40", "29 09:40", "30 09:40"]),
        (["24h", "24h"], ["28 09:40", "29 10:40", "30 10:40"]),
        ([timedelta(days=1)], ["28 09:40", "29 10:40"]),
        (["12h", "12h", "12h"], ["28 09:40", "28 21:40", "29 10:40", "29 22:40"]),
        (["1d 6h"], ["28 09:40", "29 15:40"]),
        (["1w", "1d"], ["28 09:40", "04 09:40", "05 09:40"]),
        (["16h 50m", "1d"], ["28 09:40", "29 03:30", "30 03:30"]),
    ],
)
def test_days_keep_the_wall_clock_and_hours_are_elapsed(
    spring: Dripline, waits: list[str | timedelta], times: list[str]
) -> None:
    assert planned(spring, *waits) == times


def test_leads_of_several_zones_come_in_together(spring: Dripline) -> None:
    spring.apply(Sequence("S", trigger="T", channel="wa", steps=[Step("1"), Step("2", "1d")]))
    for phone in (LEAD, "60123456789", "12125550100", "390612345678"):
        spring.add_lead(phone=phone, triggers=["T"])
    spring.add_lead(email="a@example.com", zone=BERLIN, triggers=["T"])
    records = sorted(spring.records(), key=lambda record: (record.enrollment_id, record.current_step))
    spans = [after.planned_time - before.planned_time for before, after in pairwise(records)][::2]

    assert spans == [23 * HOUR, 24 * HOUR, 24 * HOUR, 23 * HOUR, 23 * HOUR]
    assert spring.verify() == []


def test_what_was_written_is_read_back(spring: Dripline) -> None:
    waits = ["0s", "1d", "24h", "1w", "168h", "1d 6h", "30h", "90m", "8d"]
    wanted = Sequence("S", trigger="T", channel="wa", steps=[Step(wait, wait) for wait in waits])
    spring.apply(wanted)
    stored = spring.sequences.get("S").sequence

    assert stored == wanted
    assert [repr(step.wait) for step in stored.steps] == [f"Wait({wait!r})" for wait in waits]
    assert spring.plan(wanted).action == "keep"
    assert spring.plan(Sequence("S", trigger="T", channel="wa", steps=[Step("1d", "24h")])).new_version


def test_what_was_stored_before_days_were_told_from_hours_is_no_change_either_way(spring: Dripline) -> None:
    wanted = Sequence("S", trigger="T", channel="wa", steps=[Step("1"), Step("2", "24h")])
    spring.apply(wanted)
    with spring._session.database.transaction():  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        spring._session.database.script("UPDATE steps SET tells_days = 0, after_days = after_seconds / 86400")  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    days = Sequence("S", trigger="T", channel="wa", steps=[Step("1"), Step("2", "1d")])

    assert [spring.plan(one).new_version for one in (wanted, days)] == [False, False]
    spring.apply(wanted)
    assert repr(spring.sequences.get("S").sequence.steps[1].wait) == "Wait('24h')"
    assert [spring.plan(one).new_version for one in (wanted, days)] == [False, True]
