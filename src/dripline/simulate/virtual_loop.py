"""An event loop on which no time passes but when nothing else is left to do: a run of days takes seconds.

Calls that would run in a thread run at once, so that one seed gives one run, whatever the machine does. The loop waits
for nothing outside the process: no socket, no thread, no signal.
"""

import asyncio
import selectors
from collections.abc import Callable
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own.

    `stall`, where it is given, says for how long a call to a thread waits before it begins, or before its answer is
    handed over.
    """

    def __init__(self) -> None:
        self._at = 0.0
        self.stall: Callable[[], float] | None = None
        super().__init__(_Selector(self._pass_time))

    @override
    def time(self) -> float:
        """Return the seconds since the run began."""
        return self._at

    @override
    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        """Run it here and now; where the machine stalls, hand over its result later, or begin it later."""
        future = self.create_future()
        if self.stall is None:
            _run(future, func, args)
            return future
        before, after = self.stall(), self.stall()

        def run() -> None:
            if not future.cancelled():
                answer = self.create_future()
                _run(answer, func, args)
                self.call_later(after, _hand_over, answer, future)

        self.call_later(before, run) if before else run()
        return future

    @override
    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Call it soon: there is no other thread, and nobody to be woken."""
        return self.call_soon(callback, *args, context=context)

    @override
    def add_signal_handler(self, sig: int, callback: Callable[..., object], *args: Any) -> None:
        """Do nothing: nobody looks for signals here, so that Ctrl-C stays what it is in Python."""

    @override
    def remove_signal_handler(self, sig: int) -> bool:
        """Do nothing, for the same reason."""
        return False

    def _pass_time(self, seconds: float) -> None:
        self._at += seconds


class SimulatedClock:
    """The loop's time as instants from `start` on, and jumps of the machine's clock on top of it."""

    def __init__(self, loop: SimulatedLoop, start: datetime) -> None:
        self._loop = loop
        self._start = start

    def now(self) -> datetime:
        """Return the present instant."""
        return self._start + timedelta(seconds=self._loop.time())

    def jump(self, by: timedelta) -> None:
        """Set the machine's clock forward."""
        self._start += by

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until `event` is set, or for `seconds`, whichever comes first."""
        if event.is_set():
            return
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


def _run(future: "asyncio.Future[Any]", func: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        future.set_result(func(*args))
    except BaseException as error:  # noqa: BLE001  (a crash of the worker is an answer like any other)
        future.set_exception(error)


def _hand_over(answer: "asyncio.Future[Any]", future: "asyncio.Future[Any]") -> None:
    error = answer.exception()
    if future.cancelled():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(answer.result())


class _Selector(selectors.DefaultSelector):
    """Where a loop would sleep, time passes instead; it never asks the machine for anything."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_time = pass_time

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen again")
        if timeout > 0:
            self._pass_time(timeout)
        return []
