"""Tasks of a worker: those that outlive the pass that began them, work in a thread, and a timeout for many answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

from dripline.engine.clock import Clock
from dripline.errors import DatabaseProblem

Result = TypeVar("Result")

_log = logging.getLogger("dripline.background")


class TaskSet:
    """Tasks under way on one event loop, each under a name or none. `wake` is told of an end that nobody attends."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self._attended = False
        self._ended = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], str] = {}

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def start(self, work: Coroutine[None, None, None], name: str = "") -> None:
        """Begin something."""
        task = asyncio.create_task(work)
        self._tasks[task] = name
        task.add_done_callback(self._notice)

    @contextmanager
    def attended(self) -> Generator[None]:
        """Attend to what ends, with `some`; nobody else needs to be told meanwhile."""
        self._attended = True
        try:
            yield
        finally:
            self._attended = False
            if any(task.done() for task in self._tasks):
                # It ended after the last look at what had, and nobody is told of it otherwise.
                self.wake()

    def running(self, name: str) -> int:
        """Return how much of this name is under way."""
        return sum(running == name and not task.done() for task, running in self._tasks.items())

    async def some(self, clock: Clock, seconds: float) -> None:
        """Wait until something has ended, or for so long.

        Raises:
            DatabaseProblem: Something ended because the database went away; the rest goes on.
            BaseException: Something ended in any other way than it should; `abandon` the rest.
        """
        await clock.wait(self._ended, seconds)
        self._ended.clear()
        self.collect()

    def collect(self) -> None:
        """Take out what has ended, and raise what went wrong, as `some` does."""
        for task in [task for task in self._tasks if task.done()]:
            del self._tasks[task]
            try:
                task.result()
            except BaseExceptionGroup as errors:
                raise _database_problem(errors) from errors

    async def finish(self) -> None:
        """Wait for everything under way to end; a database that goes away in the meantime is logged."""
        while self._tasks:
            await asyncio.wait(self._tasks)
            try:
                self.collect()
            except DatabaseProblem as problem:
                _log.warning("background.ended error=%s", problem)

    def _notice(self, task: asyncio.Task[None]) -> None:
        self._ended.set()
        # One that was collected before this was called has been attended to.
        if not self._attended and task in self._tasks:
            self.wake()

    async def abandon(self) -> None:
        """End everything under way at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


async def run_to_completion(work: Awaitable[Result], undo: Callable[[Result], Awaitable[None]] | None = None) -> Result:
    """Return what some work in a thread returns; cancelled, wait for its end first, so that it is known to be done.

    `undo` is given what it returned where the task that waited is cancelled, and nobody else will have it.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if undo is not None and not task.cancelled() and task.exception() is None:
            await undo(task.result())
        raise


class Timeout:
    """A timeout for each answer of a task that awaits one after the other; one timer is reused for all of them.

    `asyncio.timeout` sets a timer for each and takes it away again, a sixth of what a worker does for a channel that
    answers at once. Here the timer is left where it is: when it goes off it looks whether what is under way now has had
    its time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._task = _current_task()
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

    async def wait_for(self, answer: Awaitable[Result]) -> Result:
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


def _current_task() -> "asyncio.Task[object]":
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a Timeout must be entered inside a running task")
    return task


def _database_problem(errors: BaseExceptionGroup) -> BaseException:
    """Return the problem with the database where that is all that went wrong, else everything."""
    problems, others = errors.split(DatabaseProblem)
    while isinstance(problems, BaseExceptionGroup) and others is None:
        problems = problems.exceptions[0]
    return errors if others is not None or problems is None else problems
