"""The processor of this process: one pass, or passes until it is told to stop."""

import asyncio
import logging
import os
import platform
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

from dripline.app.credentials.holds import CredentialHolds
from dripline.app.inbox.posts import Posts
from dripline.app.retention.upkeep import RetentionUpkeep
from dripline.app.session import Session
from dripline.core.events.posting import EventSigning
from dripline.engine import event_loop
from dripline.engine.context import WorkerContext
from dripline.engine.event_loop import POLL, Ending, stopped_by_signals
from dripline.engine.polling.provider_polls import PollStores, ProviderPolls
from dripline.engine.processor import Processor
from dripline.engine.report import Report
from dripline.engine.webhooks.dispatcher import EventDispatcher
from dripline.engine.worker import BackgroundTask, Runner, run_once
from dripline.errors import DatabaseAway, DatabaseProblem, InvalidSettings, LoopAlreadyRunning
from dripline.version import __version__

SEEN_EVERY = timedelta(seconds=10)
"""How often a processor says that it is still there, at most: a quick pass writes nothing for that."""


FOLD_EVERY = timedelta(seconds=10)
"""How often a processor folds what the database's triggers noted."""


MERGE_EVERY = timedelta(hours=1)
"""How often it puts the tallies of old hours together."""


JUMP = timedelta(days=2)
"""How far the clock is from the last pass's where it may have jumped."""


_log = logging.getLogger("dripline.app")


class Processing:
    """What runs passes on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._application = session.application
        context = WorkerContext.on(
            session.database,
            session.clock,
            worker=session.worker,
            limits=self._application.limits,
            traits=self._application.capabilities,
        )
        self._context = replace(context, links=self._application.links)
        self._processor = Processor(self._context, self._application.channels)
        poll_stores = PollStores(self._stores.watching, self._stores.tracing, context.claiming, self._stores.mailboxes)
        self._polls = ProviderPolls(poll_stores, self._application.channels, session.clock, wake=session.wake)
        self._posts = Posts(session)
        self._holds = CredentialHolds(session)
        self._followed = -1
        self._retention = RetentionUpkeep(session)
        self._clock_jumped = False
        self._folded_at: datetime | None = None
        self._merged_at: datetime | None = None

    def tick(self, *, on_settled: Callable[[int], None] = lambda _count: None) -> Report:
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
        report, ending = event_loop.run(self._tick_until_signalled(on_settled))
        ending.pass_on()
        return report

    async def _tick_until_signalled(self, on_settled: Callable[[int], None]) -> tuple[Report, Ending]:
        stop = asyncio.Event()
        with stopped_by_signals(stop.set) as ending:
            return await self.tick_async(on_settled=on_settled, stop=stop), ending

    async def tick_async(
        self, *, on_settled: Callable[[int], None] = lambda _count: None, stop: asyncio.Event | None = None
    ) -> Report:
        """Do what `tick` does, on the running event loop; set `stop`, or cancel it, to hand back what has not begun."""
        stop = stop or asyncio.Event()
        await asyncio.to_thread(self._count_pass)
        await asyncio.to_thread(self._prepare)
        polls = [self._polls.once()] if self._polls else []
        report = await run_once(self._processor, self._application.channels, on_settled, *polls, stop=stop)
        if self._application.posting is not None and not stop.is_set():
            await self._dispatcher(self._application.posting).once()
        return report

    def run(self, *, poll: timedelta = POLL, on_pass: Callable[[Report], None] = lambda _report: None) -> None:
        """Run passes, every `poll` and sooner when something is due, until `stop`, Ctrl-C, SIGTERM or SIGHUP.

        Raises:
            LoopAlreadyRunning: Called inside an event loop; run it in a process of its own.
            SchemaChanged: Another version of dripline migrated the database; what was being sent has been answered.
            InvalidSettings: A plug-in's channel that a sequence names cannot be made.
        """
        _refuse_inside_a_loop("run")
        event_loop.run(self.run_async(poll=poll, on_pass=on_pass))

    def stop(self) -> None:
        """End `run` after what is under way; call it from another thread. Does nothing where nothing runs."""
        if self._application.runner is not None:
            self._application.runner.stop()

    async def run_async(
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
        self._session.find_channels()
        self._count_pass()
        runner = Runner(
            self._processor,
            self._stores.store,
            self._session.clock,
            before_pass=self._before_pass,
            poll=poll,
            idle_poll=idle_poll,
        )

        seen_at, has_sent = self._session.now(), False

        def seen(report: Report) -> None:
            nonlocal seen_at, has_sent
            has_sent = has_sent or report.sent > 0
            if self._session.now() - seen_at >= SEEN_EVERY:
                seen_at = self._session.now()
                self._stores.presence.see(seen_at)
                if has_sent:
                    self._count_pass()
                has_sent = False
            on_pass(report)

        # Where others write to the database a channel that can be asked may be connected meanwhile.
        asks = bool(self._polls) or idle_poll is None
        with self._running(runner), stopped_by_signals(runner.stop):
            await runner.run(seen, self._application.channels, *self._background_tasks(asks=asks))

    async def watch_schema(self, stop: asyncio.Event) -> None:
        """Look every so often, until `stop` is set, whether the database still has this version's schema.

        Raises:
            SchemaChanged: Another version of dripline migrated it.
        """
        while not stop.is_set():
            try:
                await asyncio.to_thread(lambda: self._context.schema.check(self._session.now()))
            except DatabaseAway as problem:
                _log.warning("schema.not_seen error=%s", problem)
            await self._session.clock.wait(stop, POLL.total_seconds())

    def _background_tasks(self, *, asks: bool) -> list[Callable[[asyncio.Event], BackgroundTask]]:
        """Return what is done beside the passes."""
        background: list[Callable[[asyncio.Event], BackgroundTask]] = [self._polls.run] if asks else []
        if self._application.posting is not None:
            return [*background, self._dispatcher(self._application.posting).run]
        if self._stores.deliveries.is_anything_wanted():
            _log.warning("events.not_delivered: subscribers wait for a processor that has DRIPLINE_WEB_SECRET")
        return background

    def _dispatcher(self, posting: EventSigning) -> EventDispatcher:
        """Return what delivers events on the event loop that runs now."""
        from dripline.app.event_posts import SignedPosts

        return EventDispatcher(self._stores.deliveries, SignedPosts(posting, self._session.clock), self._session.clock)

    def _count_pass(self) -> None:
        """Pause everything where this database was put back from a backup, or is a copy, as far as that can be seen."""
        now = self._session.now()
        is_copy, last = self._stores.passes.count(now)
        self._clock_jumped = self._clock_jumped or (last is not None and abs(now - last) > JUMP)
        if is_copy:
            _log.error("restored.paused last_pass=%s", last)

    def _prepare(self) -> None:
        """Find every channel that is named, and let what was posted have its effects."""
        if self._application.jumps is not None:
            self._application.jumps.look()
        self._context.schema.check(self._session.now())
        self._session.find_channels()
        self._follow_channels()
        self._context.stored_answers.write_down()
        self._posts.process()
        self._stores.by_hand.readdress()
        self._stores.by_hand.decide_triggers()
        self._stores.by_hand.go_on()
        self._keep_house()
        self._polls.before_pass()

    def _follow_channels(self) -> None:
        """Hold the senders whose credentials are of no use, and ask the channels that are new, where any changed."""
        if self._session.application.has_connected:
            self._holds.let_go()
        changes = self._application.changes
        if self._followed != changes:
            self._holds.look()
            self._polls.look()
            # At the end: what failed is done again in the next pass.
            self._followed = changes

    def _before_pass(self) -> bool:
        """Look for channels that were named meanwhile, and let what was posted have its effects, or some of it.

        Returns whether more waits.
        """
        self._context.schema.check(self._session.now())
        try:
            self._session.find_channels()
        except InvalidSettings as problem:
            # What goes through it waits, and each pass says so; everything else goes on.
            _log.error("channel.not_made error=%s", problem)
        self._follow_channels()
        is_more = self._posts.process_some()
        self._stores.by_hand.readdress()
        self._stores.by_hand.decide_triggers()
        self._stores.by_hand.go_on()
        self._keep_house()
        self._polls.before_pass()
        return is_more

    @contextmanager
    def _running(self, runner: Runner) -> Generator[None]:
        others = self._stores.presence.enter(
            host=platform.node(), process_id=os.getpid(), version=__version__, now=self._session.now()
        )
        for other in others:
            _log.warning(
                "processor.not_alone host=%s process_id=%s: harmless, each record is claimed by one",
                other.host,
                other.process_id,
            )
        self._application.runner = runner
        try:
            yield
        finally:
            self._application.runner = None
            with suppress(DatabaseProblem):
                self._stores.presence.leave(self._session.now())

    def _keep_house(self) -> None:
        """Keep the tallies few, and remove what ended long ago: a batch at a time, and more at the next pass."""
        now = self._session.now()
        if self._folded_at is None or now - self._folded_at >= FOLD_EVERY:
            self._folded_at = None if self._stores.tallies.fold() else now
        if self._merged_at is not None and abs(now - self._merged_at) > JUMP:
            self._clock_jumped = True
        if self._clock_jumped:
            # Looked at again in an hour: what is old by a clock that is wrong would be put together for good.
            self._clock_jumped, self._merged_at = False, now
        if self._merged_at is None or now - self._merged_at >= MERGE_EVERY:
            self._merged_at = None if self._stores.tallies.let_go(now) else now
        self._retention.go_on(now)


def _refuse_inside_a_loop(method: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise LoopAlreadyRunning(
        f"{method}() runs an event loop of its own and one is running here: call it with asyncio.to_thread."
    )
