"""On PostgreSQL a machine's wrong clock is put right by the server's, so that machines agree; what is wrong is told."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, SystemClock, VirtualClock
from dripline.engine.clock import CorrectedClock
from dripline.store.database.server_time import ASK_EVERY, ServerTime

HOUR = timedelta(hours=1)
PHONE = "60123456789"
SHOP = Sequence("S", trigger="T", steps=[Step("a"), Step("b", after="1h")])

NewUrl = Callable[[str], str]


REAL = SystemClock.now


class Right:
    """A clock that is right, whatever the machine's says."""

    def now(self) -> datetime:
        return REAL(SystemClock())

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await SystemClock().wait(event, seconds)


class Standing:
    """A machine whose two clocks are one that stands still until it is told to move."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock, self.off = clock, timedelta(0)

    def now(self) -> datetime:
        return self._clock.now() + self.off

    def seconds(self) -> float:
        return self._clock.now().timestamp()


SetBy = Callable[[timedelta], None]


@pytest.fixture
def set_by(monkeypatch: pytest.MonkeyPatch) -> SetBy:
    """Sets the machine's clock wrong by a span."""

    off = [timedelta(0)]

    def now(clock: SystemClock) -> datetime:
        return REAL(clock) + off[0]

    monkeypatch.setattr(SystemClock, "now", now)

    def set_wrong(by: timedelta) -> None:
        off[0] = by

    return set_wrong


@pytest.mark.parametrize("off", [2 * HOUR, -2 * HOUR], ids=["ahead", "behind"])
def test_a_machine_whose_clock_is_wrong_sends_when_it_is_due(new_url: NewUrl, set_by: SetBy, off: timedelta) -> None:
    set_by(off)
    url, fake = new_url("postgresql"), FakeChannel()
    with (
        Dripline(url, channels={"console": fake}) as wrong,
        Dripline(url, channels={"console": fake}, clock=Right()) as right,
    ):
        right.apply(SHOP)
        right.add_lead(phone=PHONE, triggers=["T"])
        assert [wrong.tick().sent, wrong.tick().sent, len(fake.accepted)] == [1, 0, 1]
        assert abs(wrong.now() - right.now()) <= timedelta(seconds=2)
        assert right.verify() == []


def test_a_clock_that_is_set_while_it_runs_is_asked_about_at_once(new_url: NewUrl, set_by: SetBy) -> None:
    with Dripline(new_url("postgresql")) as drip:
        drip.apply(SHOP)
        set_by(2 * HOUR)
        drip.add_lead(phone=PHONE, triggers=["T"])
        assert abs(drip.now() - Right().now()) <= timedelta(seconds=2)


def test_a_difference_that_matters_is_told(new_url: NewUrl, set_by: SetBy, caplog: pytest.LogCaptureFixture) -> None:
    set_by(-2 * HOUR)
    with caplog.at_level(logging.INFO, "dripline"), Dripline(new_url("postgresql")) as drip:
        (trouble,) = drip.alerts.all()

    assert trouble.told == (
        "This machine's clock is 7200 s behind the database server's, which is used instead: synchronize both with NTP."
    )
    assert "clock.differs behind=7200.0s" in caplog.text


def test_an_operator_is_not_told_of_one_machines_clock_by_another(new_url: NewUrl, set_by: SetBy) -> None:
    set_by(2 * HOUR)
    url, told = new_url("postgresql"), list[str]()
    with Dripline(url) as wrong:
        assert len(wrong.alerts.all()) == 1
        wrong.alerts.send(lambda text: bool(told.append(text)) or True)
    assert told == []


@pytest.mark.parametrize("seconds", [50, 3600, -3600], ids=str)
def test_a_clock_that_is_set_counts_from_no_instant_on(seconds: int) -> None:
    """Not even until the server is next asked: what is due is read before anything is asked of it."""
    clock, off = VirtualClock(datetime(2026, 1, 1).astimezone()), timedelta(seconds=seconds)
    machine, asked = Standing(clock), count()

    def ask() -> datetime:
        next(asked)
        return clock.now()

    time = ServerTime(machine, ask)
    time.keep()
    clock.advance(timedelta(seconds=10))
    machine.off = off

    assert machine.now() + time.behind == clock.now()
    time.keep()
    assert next(asked) == 2, "the server was not asked at once"
    assert machine.now() + time.behind == clock.now()


@pytest.mark.parametrize(("off", "differs"), [(HOUR, "3600 s ahead"), (-HOUR, "3600 s back")])
def test_a_clock_that_is_set_while_a_file_is_worked_on_is_told(
    new_url: NewUrl, set_by: SetBy, caplog: pytest.LogCaptureFixture, off: timedelta, differs: str
) -> None:
    with Dripline(new_url("sqlite")) as drip:
        drip.tick()
        assert drip.alerts.all() == []
        set_by(off)
        drip.tick()
        drip.tick()
        (trouble,) = drip.alerts.all()

        assert trouble.told.startswith(f"This machine's clock was set {differs} while dripline ran")
        assert caplog.text.count("clock.jumped") == 1
        assert f"by={off.total_seconds():+.0f}s" in caplog.text
        set_by(timedelta(0))
        assert drip.alerts.all() == []


def test_a_file_has_no_clock_of_its_own(new_url: NewUrl, set_by: SetBy) -> None:
    set_by(2 * HOUR)
    with Dripline(new_url("sqlite")) as drip:
        assert drip.now() - Right().now() > HOUR
        assert drip.alerts.all() == []


def test_a_clock_that_the_caller_made_is_believed(new_url: NewUrl) -> None:
    clock = VirtualClock(datetime(2026, 1, 1).astimezone())
    with Dripline(new_url("postgresql"), clock=clock) as drip:
        assert drip.now() == clock.now()


def test_the_server_is_asked_once_a_minute() -> None:
    clock, asked = VirtualClock(datetime(2026, 1, 1).astimezone()), count()

    def ask() -> datetime:
        next(asked)
        return clock.now() + HOUR

    time = ServerTime(Standing(clock), ask)
    for _ in range(120):
        time.keep()
        clock.advance(timedelta(seconds=1))
    assert next(asked) == 120 // ASK_EVERY.seconds
    assert time.behind == HOUR


def test_what_the_way_to_the_server_takes_is_no_difference() -> None:
    clock = VirtualClock(datetime(2026, 1, 1).astimezone())

    def ask() -> datetime:
        clock.advance(timedelta(seconds=3))
        return clock.now()

    time = ServerTime(Standing(clock), ask)
    time.keep()
    assert time.behind == timedelta(0)


def test_a_corrected_clock_waits_as_its_own_does() -> None:
    event = asyncio.Event()
    event.set()
    asyncio.run(CorrectedClock(SystemClock(), lambda: HOUR).wait(event, 60))
