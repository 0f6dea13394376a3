"""How long one answer may be waited for, where a task waits for one after the other.

`asyncio.timeout` sets a timer for each and takes it away again, a sixth of what a worker does for a channel that
answers at once. Here one timer serves all that a task waits for: it is left where it is, and when it goes off it looks
whether what is under way now has had its time.
"""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self, TypeVar

Answer = TypeVar("Answer")


class Patience:
    """So many seconds for each answer, in the task that enters it; nothing is left behind when it is left."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._task = _present_task()
        self._timer: asyncio.TimerHandle | None = None
        self._ends: float | None = None
        self._has_ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def wait_for(self, answer: Awaitable[Answer]) -> Answer:
        """Return an answer, which is given up when it takes too long.

        Raises:
            TimeoutError: It took too long.
        """
        self._ends, self._has_ended = self._loop.time() + self.seconds, False
        if self._timer is None:
            self._timer = self._loop.call_at(self._ends, self._look)
        try:
            return await answer
        except asyncio.CancelledError:
            # Cancelled by the timer alone, and not by somebody else as well.
            if self._has_ended and self._task.cancelling() == 1:
                raise TimeoutError from None
            raise
        finally:
            self._ends = None
            if self._has_ended:
                self._task.uncancel()

    def _look(self) -> None:
        """Give up what has been under way for too long, or look again when that could be."""
        self._timer = None
        if self._ends is None:
            return
        if self._loop.time() < self._ends:
            self._timer = self._loop.call_at(self._ends, self._look)
        else:
            self._has_ended = True
            self._task.cancel()


def _present_task() -> "asyncio.Task[object]":
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("patience is had by a task: enter it in one")
    return task
