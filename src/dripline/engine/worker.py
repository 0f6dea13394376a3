"""The loop: a pass every 15 seconds, and sooner when something is known to come due."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta

from dripline.channels.contract import Channel, Closable
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.engine.event_loop import POLL
from dripline.engine.processor import Processor
from dripline.engine.report import Report
from dripline.errors import DatabaseAway, DatabaseProblem, SchemaChanged
from dripline.store.enrollments.store import Store

PASS_WAIT = timedelta(seconds=1)
"""How long a pass waits for slow answers before the next one begins beside them."""

AWAY = timedelta(seconds=2)
"""How long a database that is away is left before it is tried again, unless the poll is shorter."""

REPEAT_AFTER = timedelta(minutes=1)
"""How often a problem that stays the same is logged."""

BackgroundTask = Coroutine[None, None, None]
"""Something done beside the passes, which never waits for it."""

_log = logging.getLogger("dripline.runner")


async def run_once(
    processor: Processor,
    channels: Mapping[str, Channel],
    on_settled: Callable[[int], None],
    *background_tasks: BackgroundTask,
    stop: asyncio.Event,
) -> Report:
    """Run one pass, and what is done beside it, and give the channels' connections back.

    Once `stop` is set the pass hands back what it has not begun to send. To be cancelled sets it.
    """
    tasks = [asyncio.create_task(background_task) for background_task in background_tasks]
    try:
        async with processor.at_work(stop):
            report = await processor.run_pass(on_settled=on_settled)
        await asyncio.gather(*tasks)
        return report
    finally:
        await _end(tasks)
        await close_channels(channels)


class ProblemLog:
    """Says which problems are worth a line: one that stays the same is, once at first and then once a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reported = ""
        self._reported_at: datetime | None = None

    def is_news(self, problem: DatabaseProblem) -> bool:
        """Return whether to log a problem now."""
        text, now = str(problem), self._clock.now()
        if text == self._reported and self._reported_at and timedelta(0) <= now - self._reported_at < REPEAT_AFTER:
            return False
        self._reported, self._reported_at = text, now
        return True

    def is_over(self) -> None:
        """Note that there is no problem: the next one is news."""
        self._reported_at = None


class Runner:
    """Runs passes until it is told to stop, each after what `before_pass` does in a thread.

    The next one comes at once where that says that there is more of it to do.

    `idle_poll`: how often it looks while nothing is due but what waits for its lane, where nobody else writes to the
    database; without it as often as ever.
    """

    def __init__(
        self,
        processor: Processor,
        store: Store,
        clock: Clock,
        *,
        before_pass: Callable[[], bool] = lambda: False,
        poll: timedelta = POLL,
        idle_poll: timedelta | None = None,
    ) -> None:
        self._processor = processor
        self._store = store
        self._clock = clock
        self._before_pass = before_pass
        self._poll = poll
        self._idle_poll = idle_poll
        self._failed, self._lost = ProblemLog(clock), ProblemLog(clock)
        self._stop = asyncio.Event()
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def run(
        self,
        on_pass: Callable[[Report], None],
        channels: Mapping[str, Channel],
        *background_tasks: Callable[[asyncio.Event], BackgroundTask],
    ) -> None:
        """Run passes until `stop`, then give the channels' connections back.

        `background_tasks` run beside the passes until the event that each is
        given, and are cut off when the passes end.
        `on_pass` is called with the report of each pass, and with that of what was still under
        way at the end. A database that is away is tried again after `AWAY`.

        Raises:
            SchemaChanged: Another version migrated the database; what was being sent has been answered.
        """
        tasks = [
            asyncio.create_task(background_task)
            for background_task in (
                self._listen(),
                *(background_task(self._stop) for background_task in background_tasks),
            )
        ]
        try:
            async with self._processor.at_work(self._stop, self._woken.set):
                await self._passes(on_pass)
            self._tell_last(on_pass)
        finally:
            await _end(tasks)
            await close_channels(channels)

    async def _listen(self) -> None:
        """Wake for what other processes enroll. The poll is the safety net: a lost connection costs at most that."""
        while not self._stop.is_set():
            try:
                await self._store.listen(self._woken.set)
            except DatabaseProblem as problem:
                if self._lost.is_news(problem):
                    _log.warning("listen.lost error=%s", problem)
                await self._clock.wait(self._stop, self._until_tried_again(problem))
            else:
                return

    async def _passes(self, on_pass: Callable[[Report], None]) -> None:
        while not self._stop.is_set():
            self._woken.clear()
            looked_at = whole_second(self._clock.now())
            try:
                is_more = await asyncio.to_thread(self._before_pass)
                on_pass(await self._processor.run_pass(wait=PASS_WAIT))
                seconds = 0.0 if is_more else await asyncio.to_thread(self._until_next, looked_at)
                self._failed.is_over()
            except SchemaChanged:
                raise
            except DatabaseProblem as problem:
                if self._failed.is_news(problem):
                    _log.error("pass.failed error=%s", problem)
                seconds = self._until_tried_again(problem)
            await self._clock.wait(self._woken, seconds)

    def _until_tried_again(self, problem: DatabaseProblem) -> float:
        """Return how long to wait for a database: little where it may be back a moment later."""
        return (min(self._poll, AWAY) if isinstance(problem, DatabaseAway) else self._poll).total_seconds()

    def _tell_last(self, on_pass: Callable[[Report], None]) -> None:
        """Report what was still under way. It was told to end: that the database is away then is no reason to fail."""
        try:
            on_pass(self._processor.report())
        except DatabaseAway as problem:
            _log.warning("pass.not_counted error=%s", problem)

    def wake(self) -> None:
        """Look now: something became due. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._woken.set)

    def stop(self) -> None:
        """End after the batches that are under way. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self.wake()

    def _until_next(self, looked_at: datetime) -> float:
        """Return how long to wait for the next pass: none for what came due since the last one began to look."""
        now = self._clock.now()
        wake = self._store.next_wake(looked_at)
        if wake is not None and wake - now <= self._poll:
            return max(timedelta(0), wake - now).total_seconds()
        if self._idle_poll is None or self._store.may_go_on(whole_second(now)):
            return self._poll.total_seconds()
        return (self._idle_poll if wake is None else min(self._idle_poll, wake - now)).total_seconds()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.gather(*tasks, return_exceptions=True)


async def close_channels(channels: Mapping[str, Channel]) -> None:
    """Give back every connection that channels hold on this event loop."""
    for channel in list(channels.values()):
        if isinstance(channel, Closable):
            await channel.aclose()
