"""Work that may outlive the pass that began it: a batch with one slow answer does not hold up what comes after."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager

from dripline.engine.clock import Clock
from dripline.errors import DatabaseProblem

_log = logging.getLogger("dripline.background")


class Background:
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


def _database_problem(errors: BaseExceptionGroup) -> BaseException:
    """Return the problem with the database where that is all that went wrong, else everything."""
    problems, others = errors.split(DatabaseProblem)
    while isinstance(problems, BaseExceptionGroup) and others is None:
        problems = problems.exceptions[0]
    return errors if others is not None or problems is None else problems
