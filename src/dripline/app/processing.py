"""The processor: one pass, or passes until it is told to stop; what is due, and who is at work."""

import asyncio
import logging
import os
import platform
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from dripline.app.events import EventCases
from dripline.app.inbound import InboundCases
from dripline.app.reporting import JUMP, ReportCases
from dripline.core.records.record import StepRecord
from dripline.core.views.operations import Worker
from dripline.engine import event_loop
from dripline.engine.event_loop import Ending, stopped_by_signals
from dripline.engine.report import Report
from dripline.engine.worker import POLL, BackgroundTask, Runner, run_once
from dripline.errors import DatabaseAway, DatabaseProblem, InvalidSettings, LoopAlreadyRunning
from dripline.version import __version__

SEEN_EVERY = timedelta(seconds=10)
"""How often a processor says that it is still there, at most: a quick pass writes nothing for that."""

_log = logging.getLogger("dripline.app")


class ProcessorCases(InboundCases, EventCases, ReportCases):
    """What can be asked of the processor."""

    def tick(self, *, on_settled: Callable[[int], None] = lambda _many: None) -> Report:
        """Run one pass over everything due now, and say what it did.

        `on_settled` is called during the pass with the number of records that were settled together. A signal that ends
        programs (Ctrl-C, SIGTERM, SIGHUP) ends the pass first: what is being sent is answered, the rest is handed back,
        and then the signal does what it would have done.

        Raises:
            KeyboardInterrupt: Somebody pressed Ctrl-C; everything is handed back.
            LoopAlreadyRunning: Called inside an event loop; use ``await asyncio.to_thread(drip.tick)`` there.
            DatabaseProblem: The database went away; what was in flight is unknown until its lease ends.
            InvalidSettings: A plug-in's channel that a sequence names cannot be made.
        """
        _refuse_inside_a_loop("tick")
        report, ending = event_loop.run(self._look_until_signalled(on_settled))
        ending.pass_on()
        return report

    async def _look_until_signalled(self, on_settled: Callable[[int], None]) -> tuple[Report, Ending]:
        stop = asyncio.Event()
        with stopped_by_signals(stop.set) as ending:
            return await self.look(on_settled=on_settled, stop=stop), ending

    async def look(
        self, *, on_settled: Callable[[int], None] = lambda _many: None, stop: asyncio.Event | None = None
    ) -> Report:
        """Do what `tick` does, on the running event loop; set `stop`, or cancel it, to hand back what has not begun."""
        stop = stop or asyncio.Event()
        await asyncio.to_thread(self._count_pass)
        await asyncio.to_thread(self._prepare)
        rounds = [self._rounds.once()] if self._rounds else []
        report = await run_once(self._processor, self._channels, on_settled, *rounds, stop=stop)
        if self._posting is not None and not stop.is_set():
            await self._event_dispatcher(self._posting).once()
        return report

    def run(self, *, poll: timedelta = POLL, on_pass: Callable[[Report], None] = lambda _report: None) -> None:
        """Run passes, every `poll` and sooner when something is due, until `stop`, Ctrl-C, SIGTERM or SIGHUP.

        Raises:
            LoopAlreadyRunning: Called inside an event loop; run it in a process of its own.
            SchemaChanged: Another version of dripline migrated the database; what was being sent has been answered.
            InvalidSettings: A plug-in's channel that a sequence names cannot be made.
        """
        _refuse_inside_a_loop("run")
        event_loop.run(self.work(poll=poll, on_pass=on_pass))

    def stop(self) -> None:
        """End `run` after what is under way; call it from another thread. Does nothing where nothing runs."""
        if self._runner is not None:
            self._runner.stop()

    def due(self) -> list[StepRecord]:
        """Return what the mission's query finds now: every record that is active and due, and nothing else."""
        return self._reads.due(self._now())

    def count_due(self) -> int:
        """Count the records that are active and due now."""
        return self._reads.count_due(self._now())

    def next_due(self) -> datetime | None:
        """Return when next a record becomes due, a hold ends, or a lane with due work has rested; None if nothing will.

        What is due now and waits for nothing but the next pass is not counted.
        """
        return self._store.next_wake(self._now())

    def workers(self) -> list[Worker]:
        """Return the processors that are at work on this database now."""
        return self._presence.present(self._now())

    async def work(
        self,
        *,
        poll: timedelta = POLL,
        idle_poll: timedelta | None = None,
        on_pass: Callable[[Report], None] = lambda _report: None,
    ) -> None:
        """Do what `run` does, on the running event loop.

        `idle_poll`: how often to look while nothing is due but what waits for its lane, where nobody else writes to
        the database.
        """
        self._find_named()
        self._count_pass()
        runner = Runner(
            self._processor, self._store, self._clock, before_pass=self._before_pass, poll=poll, idle_poll=idle_poll
        )

        seen_at, has_sent = self._now(), False

        def seen(report: Report) -> None:
            nonlocal seen_at, has_sent
            has_sent = has_sent or report.sent > 0
            if self._now() - seen_at >= SEEN_EVERY:
                seen_at = self._now()
                self._presence.see(seen_at)
                if has_sent:
                    self._count_pass()
                has_sent = False
            on_pass(report)

        with self._running(runner), stopped_by_signals(runner.stop):
            await runner.run(seen, self._channels, *self._asides())

    async def watch_schema(self, stop: asyncio.Event) -> None:
        """Look every so often, until `stop` is set, whether the database still has this version's schema.

        Raises:
            SchemaChanged: Another version of dripline migrated it.
        """
        while not stop.is_set():
            try:
                await asyncio.to_thread(lambda: self._schema.check(self._now()))
            except DatabaseAway as problem:
                _log.warning("schema.not_seen error=%s", problem)
            await self._clock.wait(stop, POLL.total_seconds())

    def _asides(self) -> list[Callable[[asyncio.Event], BackgroundTask]]:
        """Return what is done beside the passes."""
        background_tasks: list[Callable[[asyncio.Event], BackgroundTask]] = [self._rounds.run] if self._rounds else []
        if self._posting is not None:
            return [*background_tasks, self._event_dispatcher(self._posting).run]
        if self._deliveries.is_anything_wanted():
            _log.warning("events.not_delivered: subscribers wait for a processor that has DRIPLINE_WEB_SECRET")
        return background_tasks

    def _count_pass(self) -> None:
        """Pause everything where this database was put back from a backup, or is a copy, as far as that can be seen."""
        now = self._now()
        is_copy, last = self._passes.count(now)
        self._clock_jumped = self._clock_jumped or (last is not None and abs(now - last) > JUMP)
        if is_copy:
            _log.error("restored.paused last_pass=%s", last)

    def _prepare(self) -> None:
        """Find every channel that is named, and let what was posted have its effects."""
        self._look_at_the_clock()
        self._schema.check(self._now())
        self._find_named()
        self._kept_answers.write_down()
        self.take_in()
        self._by_hand.readdress()
        self._by_hand.decide_triggers()
        self._by_hand.go_on()
        self._keep_tallies()
        self._rounds.before_pass()

    def _before_pass(self) -> bool:
        """Look for channels that were named meanwhile, and let what was posted have its effects, or some of it.

        Returns whether more waits.
        """
        self._schema.check(self._now())
        try:
            self._find_named()
        except InvalidSettings as problem:
            # What goes through it waits, and each pass says so; everything else goes on.
            _log.error("channel.not_made error=%s", problem)
        is_more = self._take_some_in()
        self._by_hand.readdress()
        self._by_hand.decide_triggers()
        self._by_hand.go_on()
        self._keep_tallies()
        self._rounds.before_pass()
        return is_more

    def _look_at_the_clock(self) -> None:
        if self._jumps is not None:
            self._jumps.look()

    @contextmanager
    def _running(self, runner: Runner) -> Generator[None]:
        others = self._presence.enter(
            host=platform.node(), process_id=os.getpid(), version=__version__, now=self._now()
        )
        for other in others:
            _log.warning(
                "processor.not_alone host=%s process_id=%s: harmless, each record is claimed by one",
                other.host,
                other.process_id,
            )
        self._runner = runner
        try:
            yield
        finally:
            self._runner = None
            with suppress(DatabaseProblem):
                self._presence.leave(self._now())


def _refuse_inside_a_loop(method: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise LoopAlreadyRunning(
        f"{method}() runs an event loop of its own and one is running here: call it with asyncio.to_thread."
    )
