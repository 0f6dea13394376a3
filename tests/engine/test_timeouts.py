"""Timeout: each answer has its own full time, and a cancellation that is not its own goes through."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

import pytest

from dripline.engine.tasks import Timeout
from dripline.simulate.virtual_loop import SimulatedClock, SimulatedLoop

SECONDS = 10

Result = TypeVar("Result")


def test_each_answer_has_its_own_time_beside_one_timer() -> None:
    async def wait(clock: SimulatedClock) -> list[str]:
        with Timeout(SECONDS) as time_limit:
            return [await _ask(time_limit, clock, seconds) for seconds in (9, 9, 0, 11, 9, 60, 1)]

    assert _played(wait) == ["came", "came", "came", "gave up", "came", "gave up", "came"]


def test_giving_up_takes_no_longer_than_it_is_to() -> None:
    async def wait(clock: SimulatedClock) -> float:
        with Timeout(SECONDS) as time_limit:
            await _ask(time_limit, clock, 7)
            began_at = clock.now()
            assert await _ask(time_limit, clock, 3_600) == "gave up"
            return (clock.now() - began_at).total_seconds()

    assert _played(wait) == pytest.approx(SECONDS)


def test_somebody_elses_cancellation_is_not_taken_for_lost_timeout() -> None:
    async def wait(clock: SimulatedClock) -> bool:
        task = asyncio.create_task(_hold_on(clock))
        await clock.wait(asyncio.Event(), 1)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert _played(wait)


def test_an_answer_that_comes_all_the_same_is_taken_and_leaves_nothing_behind() -> None:
    async def stubborn(clock: SimulatedClock) -> str:
        try:
            return await _later(clock, 3_600)
        except asyncio.CancelledError:
            return "all the same"

    async def wait(clock: SimulatedClock) -> tuple[str, str, int]:
        with Timeout(SECONDS) as time_limit:
            first = await time_limit.wait_for(stubborn(clock))
            second = await _ask(time_limit, clock, 60)
        task = asyncio.current_task()
        assert task is not None
        return first, second, task.cancelling()

    assert _played(wait) == ("all the same", "gave up", 0)


def test_no_timer_outlives_it() -> None:
    async def wait(clock: SimulatedClock) -> None:
        with Timeout(SECONDS) as time_limit:
            await _ask(time_limit, clock, 1)
        # Would be cancelled in the middle of this by a timer that was left behind.
        await clock.wait(asyncio.Event(), 10 * SECONDS)

    _played(wait)


def _played(wait: Callable[[SimulatedClock], Coroutine[None, None, Result]]) -> Result:
    with closing(SimulatedLoop()) as loop:
        clock = SimulatedClock(loop, datetime(2026, 1, 1, tzinfo=UTC))
        return loop.run_until_complete(wait(clock))


async def _ask(time_limit: Timeout, clock: SimulatedClock, seconds: float) -> str:
    try:
        return await time_limit.wait_for(_later(clock, seconds))
    except TimeoutError:
        return "gave up"


async def _later(clock: SimulatedClock, seconds: float) -> str:
    await clock.wait(asyncio.Event(), seconds)
    return "came"


async def _hold_on(clock: SimulatedClock) -> NoReturn:
    with Timeout(SECONDS) as time_limit:
        while True:
            await _ask(time_limit, clock, SECONDS - 1)
