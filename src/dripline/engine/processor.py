"""The processor: one pass is rescue, then claim → decide → send → settle until nothing more is due that may go now.

What goes by no sender is sent channel by channel. What goes by a sender waits for its lane's turn: every lane that
has rested gets one, whoever works it, and a batch with one slow answer goes on in the background while the other lanes
get theirs. Storage is synchronous and batched, and runs in a thread; sending is asynchronous, many at once. Nothing is
sent inside a transaction and nothing is awaited inside one. A record that becomes active during a pass waits for the
next pass, even if it is overdue: one pass never sends two messages of one enrollment.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from dripline.channels.capabilities import capabilities_of
from dripline.channels.contract import Channel
from dripline.engine.context import WorkerContext
from dripline.engine.report import Report
from dripline.engine.sending.batch import Batch
from dripline.engine.sending.channel_slots import ChannelSlots, is_orderly
from dripline.engine.sending.claims import LaneClaims, UnpacedClaims
from dripline.engine.tasks import TaskSet
from dripline.errors import DatabaseAway, DatabaseProblem
from dripline.store.enrollments.rescue import InHand, Rescued
from dripline.store.records.claim import Due
from dripline.store.records.settle import STALE, Settled, Settlement

UNTIL_ALL_ENDED = timedelta.max
"""How long a pass waits that ends only when everything it began has ended."""

BATCHES_AT_ONCE = 2
"""How many batches of a channel without lanes are under way: while one is sent, the next is claimed."""

LOOK_EVERY = timedelta(seconds=15)
"""How often a pass also counts what waits for a channel that this process does not have."""

_LONG = timedelta(days=1)

_log = logging.getLogger("dripline.processor")

OnProgress = Callable[[int], None]
"""Is called with how many records a settlement wrote."""


class Processor:
    """Runs passes for one worker over the channels it has. One pass at a time, inside `at_work`."""

    def __init__(self, context: WorkerContext, channels: Mapping[str, Channel]) -> None:
        self._context = context
        self._channels = channels
        self._counts: Counter[str] = Counter()
        self._slots: dict[str, ChannelSlots] = {}
        self._stop = asyncio.Event()
        self._tasks = TaskSet(lambda: None)
        self._counted_waiting_at: datetime | None = None
        self._frees_a_lane = False
        self._on_progress: OnProgress = lambda _count: None

    async def run_pass(
        self, *, wait: timedelta = UNTIL_ALL_ENDED, on_settled: OnProgress = lambda _count: None
    ) -> Report:
        """Look once at everything that is active and due, and say what became of it. Call inside `at_work`.

        A pass that has waited so long leaves what is slow under way, and its answers to the next report.
        `on_settled` is called with how many records each settlement wrote.

        Raises:
            DatabaseProblem: The database went away; what was in flight is unknown until its lease ends.
            SchemaChanged: Another version migrated the database; `at_work` lets what is being sent be answered.
        """
        self._on_progress, self._frees_a_lane = on_settled, False
        self._open_slots()
        # Listed here, since batches that are under way change it on this loop.
        in_flight = [record for slots in self._slots.values() for record in slots.in_flight]
        rescued, due = await asyncio.to_thread(self._rescue, in_flight)
        self._counts.update(lost=len(rescued.lost), handed_back=len(rescued.handed_back))
        with self._tasks.attended():
            self._tasks.collect()
            if due.is_unpaced:
                self._start_unpaced()
            await self._serve_lanes(due.open_channels, wait)
        return self.report(await self._waiting())

    async def _send_unpaced(self, slots: ChannelSlots) -> None:
        """Send what goes through a channel without a sender, batch by batch, until none is left."""
        claims = UnpacedClaims(self._context, slots, self._count)
        while (batch := await self._next_of(claims, slots)) is not None:
            self._start_another(slots)
            await batch.run(self._on_settled)  # decide → send → settle

    async def _start_turns(self, slots: ChannelSlots, idle: set[int]) -> None:
        """Start the turns of a channel's lanes that have rested, batch by batch."""
        claims = LaneClaims(self._context, slots, self._count, idle)
        while (batch := await claims.next_batch()) is not None:
            self._tasks.start(batch.run(self._on_settled))  # decide → send → settle
            # Lets it begin: a task that is cancelled before has no chance to hand back what was claimed for it.
            await asyncio.sleep(0)  # noqa: TID251  (no time passes)

    def _rescue(self, in_flight: list[int]) -> tuple[Rescued, Due]:
        """Free what crashed workers left, and see what there is to do; in one thread, since each hop into one costs."""
        context, now = self._context, self._context.now()
        idempotent = [name for name, channel in list(self._channels.items()) if capabilities_of(channel).idempotent]
        context.ahead.bring_back(now, context.limits.lease)
        in_hand = InHand(context.worker, records=in_flight, until=now + context.limits.lease)
        rescued = context.store.rescue(idempotent, now, in_hand)
        context.store.begin_pass()
        return rescued, context.claiming.look(now)

    def _start_unpaced(self) -> None:
        """Begin to send what goes by no sender, channel by channel; who is at it looks once more before it ends."""
        for slots in self._slots.values():
            slots.is_asked_again = True
            self._start_another(slots)

    def _start_another(self, slots: ChannelSlots) -> None:
        """Send a batch beside those under way, up to so many: one slow answer does not hold up the others."""
        if self._tasks.running(slots.name) < BATCHES_AT_ONCE:
            self._tasks.start(self._send_unpaced(slots), slots.name)

    async def _next_of(self, claims: UnpacedClaims, slots: ChannelSlots) -> Batch | None:
        """Claim a batch; none while the database is away, where one beside it is under way and will look again."""
        try:
            return await claims.next_batch()
        except DatabaseAway as problem:
            if self._tasks.running(slots.name) < BATCHES_AT_ONCE:
                raise
            _log.warning("claim.left channel=%s error=%s", slots.name, problem)
            return None

    async def _serve_lanes(self, open_channels: set[str], wait: timedelta) -> None:
        """Give every lane its turn that has rested, and again whenever one may go on at once, while a pass waits."""
        began_at = self._context.clock.now()
        idle: set[int] = set()
        while True:
            self._tasks.collect()
            for name in self._slots.keys() & open_channels:
                await self._start_turns(self._slots[name], idle)
            remaining = wait - (self._context.clock.now() - began_at)
            if not self._tasks and not self._frees_a_lane:
                return
            if remaining <= timedelta(0):
                if self._frees_a_lane:
                    self._tasks.wake()
                return
            if not self._frees_a_lane:
                await self._tasks.some(self._context.clock, min(remaining, _LONG).total_seconds())
            open_channels = await self._opened_meanwhile()

    async def _opened_meanwhile(self) -> set[str]:
        """Return the channels that have a lane that may go, where an end since the last look lets one go at once."""
        if not self._frees_a_lane:
            return set()
        # Before the look: whatever ends during it is looked after once more.
        self._frees_a_lane = False
        return await asyncio.to_thread(self._open_channels)

    def _open_channels(self) -> set[str]:
        return self._context.claiming.open_channels(self._context.now())

    async def _waiting(self) -> dict[str, int]:
        """Count, by channel, what is due for channels that are not here; now and then, for it rarely changes."""
        now = self._context.now()
        if self._counted_waiting_at is not None and timedelta(0) <= now - self._counted_waiting_at < LOOK_EVERY:
            return {}
        self._counted_waiting_at = now
        waiting = await asyncio.to_thread(self._context.reads.waiting_for_channel, self._channels, now)
        for name, count in waiting.items():
            _log.warning("channel.not_configured channel=%s waiting=%s", name, count)
        return waiting

    def _count(self, counts: Counter[str]) -> None:
        self._counts.update(counts)

    def _on_settled(self, settlements: list[Settlement], settled: Settled) -> None:
        self._counts.update(settled.counts)
        self._frees_a_lane = self._frees_a_lane or settled.frees_a_lane
        if settled.counts[STALE]:
            _log.warning("settle.stale records=%s", settled.counts[STALE])
        self._on_progress(len(settlements))

    def report(self, waiting: Mapping[str, int] | None = None) -> Report:
        """Return what was done since the last report."""
        counts, self._counts = self._counts, Counter()
        # A record is held whether its sender or its step is.
        counts["held"] += counts.pop("held_steps", 0)
        return Report(**counts, waiting=waiting or {})

    def _open_slots(self) -> None:
        """Give each channel its slots; one may have been found, or got senders of its own, since the last pass."""
        for name, channel in list(self._channels.items()):
            if name not in self._slots:
                self._slots[name] = ChannelSlots(name, channel, self._stop, self._context.limits)
            self._slots[name].channel = channel

    @asynccontextmanager
    async def at_work(self, stop: asyncio.Event, wake: Callable[[], None] = lambda: None) -> AsyncGenerator[None]:
        """Work on the running event loop, and at the end wait for what passes left under way.

        Set `stop` to hand back what is claimed and not begun to be sent; to be cancelled sets it. `wake` is called when
        something ends that the last pass left under way. Cancelled once more, or ended by a crash, it ends what is
        being sent as well, at once.
        """
        self._tasks = TaskSet(wake)
        self._counted_waiting_at = None
        self._slots, self._stop = {}, stop
        stopping = asyncio.create_task(self._hand_back_at_the_end())
        try:
            try:
                yield
            except (DatabaseProblem, asyncio.CancelledError) as end:
                if isinstance(end, asyncio.CancelledError) and stop.is_set():
                    raise
                stop.set()
                await self._tasks.finish()
                raise
            else:
                await self._tasks.finish()
        except BaseException as error:
            for slots in self._slots.values():
                slots.is_lost = slots.is_lost or not is_orderly(error)
            await self._tasks.abandon()
            raise
        finally:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)

    async def _hand_back_at_the_end(self) -> None:
        """Let every batch that waits for an answer or a slot look when `stop` is set: it hands back what it can."""
        await self._stop.wait()
        for slots in self._slots.values():
            slots.wake()
