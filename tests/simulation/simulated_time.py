"""An event loop on which no time passes but when nothing else is left to do: a run of days takes milliseconds.

Calls that would run in a thread run at once, so that one seed gives one run, whatever the machine does.
"""

import asyncio
import hashlib
import selectors
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from typing_extensions import override

START = datetime(2026, 1, 1, tzinfo=UTC)

Option = TypeVar("Option")


class Chance:
    """A stream of chances, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn = 0

    def share(self) -> float:
        """Return the next number from 0 to 1."""
        self._drawn += 1
        digest = hashlib.blake2b(f"{self._seed}:{self._drawn}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def happens(self, probability: float) -> bool:
        """Say whether something of this probability happens."""
        return self.share() < probability

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of the options."""
        return options[int(self.share() * len(options))]

    def number(self) -> int:
        """Return a large number."""
        return int(self.share() * 2**52)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own."""

    def __init__(self) -> None:
        self._at = 0.0
        self.stall: Callable[[], float] = lambda: 0.0
        super().__init__(_Selector(self._pass_time))

    @override
    def time(self) -> float:
        """Return the seconds since the run began."""
        return self._at

    @override
    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        """Run it here and now; where the machine stalls, hand over its result later, or begin it later."""
        future = self.create_future()
        before, after = self.stall(), self.stall()

        def run() -> None:
            if future.cancelled():
                return
            try:
                result = func(*args)
            except BaseException as error:  # noqa: BLE001  (a crash of the worker is an answer like any other)
                future.set_exception(error)
            else:
                self.call_later(after, _answer, future, result)

        self.call_later(before, run) if before else run()
        return future

    def _pass_time(self, seconds: float) -> None:
        self._at += seconds


def _answer(future: "asyncio.Future[Any]", result: object) -> None:
    if not future.cancelled():
        future.set_result(result)


class SimulatedClock:
    """The loop's time as instants, and jumps of the machine's clock on top of it."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self._jumped = timedelta(0)

    def now(self) -> datetime:
        """Return the present instant."""
        return START + timedelta(seconds=self._loop.time()) + self._jumped

    def jump(self, by: timedelta) -> None:
        """Set the machine's clock forward."""
        self._jumped += by

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until `event` is set, or for `seconds`, whichever comes first."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


class _Selector(selectors.DefaultSelector):
    """Where a loop would sleep, time passes instead."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_time = pass_time

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen again")
        self._pass_time(max(0.0, timeout))
        return super().select(0)
