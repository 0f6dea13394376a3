"""The only readers of time and chance. Everything else is handed a `Clock` and a `new_id`."""

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

NewId = Callable[[], int]
"""Returns a number that nobody else has: 122 random bits unless a simulation says otherwise."""


class Clock(Protocol):
    """What time it is, and how to wait."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until `event` is set, or for `seconds`, whichever comes first."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def seconds(self) -> float:
        """Return how many seconds have passed since some instant, by a clock that nobody sets."""
        # The other one stands still while a machine sleeps.
        boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
        return time.perf_counter() if boot is None else time.clock_gettime(boot)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until `event` is set, or for `seconds`, whichever comes first."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


class CorrectedClock:
    """A clock that is known to be wrong, put right: `behind` says at any time what to add to it."""

    def __init__(self, clock: Clock, behind: Callable[[], timedelta]) -> None:
        self._clock, self._behind = clock, behind

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return self._clock.now() + self._behind()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until `event` is set, or for `seconds`, whichever comes first."""
        await self._clock.wait(event, seconds)


class VirtualClock:
    """A clock that stands still until it is told to move: for tests, demonstrations and simulations.

    Raises:
        ValueError: `start` has no time zone.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a VirtualClock starts at an aware instant: give it tzinfo=UTC")
        self._now = start.astimezone(UTC)
        self._waiting: list[_Waiting] = []

    def now(self) -> datetime:
        """Return the instant it was last moved to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move on, and wake whoever waited for an instant that has come. May be called from any thread.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta(0):
            raise ValueError("a VirtualClock only moves on: give it a positive span")
        self._now += by
        for waiting in [waiting for waiting in self._waiting if waiting.until <= self._now]:
            waiting.loop.call_soon_threadsafe(waiting.reached.set)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until `event` is set, or until the clock has been moved on by `seconds`, whichever comes first."""
        if seconds <= 0:
            return
        until = self._now + timedelta(seconds=seconds)
        waiting = _Waiting(until, loop=asyncio.get_running_loop(), reached=asyncio.Event())
        self._waiting.append(waiting)
        ends = [asyncio.ensure_future(end.wait()) for end in (event, waiting.reached)]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting.remove(waiting)
            for end in ends:
                end.cancel()


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    until: datetime
    loop: asyncio.AbstractEventLoop = field(kw_only=True)
    reached: asyncio.Event = field(kw_only=True)


def new_id() -> int:
    """Return a random number of 122 bits."""
    return uuid.uuid4().int


def stopwatch() -> Callable[[], float]:
    """Return a function that tells how many seconds have passed since this call."""
    start = time.perf_counter()
    return lambda: time.perf_counter() - start
