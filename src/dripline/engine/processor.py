"""One pass: rescue, then claim → decide → send → settle until nothing more is due that may go now.

What goes by no sender is drained channel by channel. What goes by a sender waits for its lane's turn: every lane that
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
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.channels.contract import Channel, is_idempotent
from dripline.core.messages.compose import prepare
from dripline.core.senders.channel_rest import Breaker
from dripline.core.senders.lane import Lane
from dripline.engine.background import Background
from dripline.engine.batch import Batch
from dripline.engine.gate import Gate, is_orderly
from dripline.engine.report import Report
from dripline.engine.tools import Tools
from dripline.engine.whole import to_its_end
from dripline.errors import DatabaseAway, DatabaseProblem
from dripline.store.enrollments.rescue import InHand
from dripline.store.records.claiming import Claims
from dripline.store.records.lanes import Terms, Turns
from dripline.store.records.settle import STALE, Settled, Settlement

WHOLE = timedelta.max
"""The patience of a pass that ends only when everything it began has ended."""

BATCHES_AT_ONCE = 2
"""How many batches of a channel without lanes are under way: while one is sent, the next is claimed."""

LOOK_EVERY = timedelta(seconds=15)
"""How often a pass also counts what waits for a channel that this process does not have."""

_LONG = timedelta(days=1)

_log = logging.getLogger("dripline.processor")

OnProgress = Callable[[int], None]
"""Told how many records a settlement wrote."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a pass finds, and what it freed.

    How many records had lost their worker while they were sent, and before; whether anything is due without a lane, and
    where a lane may go.
    """

    lost: int
    handed_back: int = field(kw_only=True)
    is_unpaced_due: bool = field(kw_only=True)
    open_channels: set[str] = field(kw_only=True)


class Processor:
    """Runs passes for one worker over the channels it has. One pass at a time, inside `at_work`."""

    def __init__(self, tools: Tools, channels: Mapping[str, Channel]) -> None:
        self._tools = tools
        self._channels = channels
        self._counts: Counter[str] = Counter()
        self._gates: dict[str, Gate] = {}
        self._stop = asyncio.Event()
        self._background = Background(lambda: None)
        self._looked_at: datetime | None = None
        self._frees_a_lane = False

    @asynccontextmanager
    async def at_work(self, stop: asyncio.Event, wake: Callable[[], None] = lambda: None) -> AsyncGenerator[None]:
        """Work on the running event loop, and at the end wait for what passes left under way.

        Set `stop` to hand back what is claimed and not begun to be sent; to be cancelled sets it. `wake` is called when
        something ends that the last pass left under way. Cancelled once more, or ended by a crash, it ends what is
        being sent as well, at once.
        """
        self._background = Background(wake)
        self._looked_at = None
        self._gates, self._stop = {}, stop
        stopping = asyncio.create_task(self._hand_back_at_the_end())
        try:
            try:
                yield
            except (DatabaseProblem, asyncio.CancelledError) as end:
                if isinstance(end, asyncio.CancelledError) and stop.is_set():
                    raise
                stop.set()
                await self._background.finish()
                raise
            else:
                await self._background.finish()
        except BaseException as error:
            for gate in self._gates.values():
                gate.is_lost = gate.is_lost or not is_orderly(error)
            await self._background.abandon()
            raise
        finally:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)

    async def _hand_back_at_the_end(self) -> None:
        """Let every batch that waits for an answer or a place look when `stop` is set: it hands back what it can."""
        await self._stop.wait()
        for gate in self._gates.values():
            gate.wake()

    async def run_pass(self, *, patience: timedelta = WHOLE, on_settled: OnProgress = lambda _many: None) -> Report:
        """Look once at everything that is active and due, and say what became of it. Call inside `at_work`.

        A pass that runs out of patience leaves what is slow under way, and its answers to the next report.
        `on_settled` is told how many records each settlement wrote.

        Raises:
            DatabaseProblem: The database went away; what was in flight is unknown until its lease ends.
        SchemaChanged: Another version migrated the database; `at_work` lets what is being sent be answered.
        """
        self._frees_a_lane = False
        self._open_gates()
        look = await asyncio.to_thread(self._look, [one for gate in self._gates.values() for one in gate.in_flight])
        self._counts["lost"] += look.lost
        self._counts["handed_back"] += look.handed_back
        with self._background.attended():
            self._background.collect()
            if look.is_unpaced_due:
                self._drain_channels(on_settled)
            await self._serve_lanes(look.open_channels, patience, on_settled)
        return self.report(await self._waiting())

    def _open_gates(self) -> None:
        """Give each channel its slots; one may have been found since the last pass."""
        limits = self._tools.limits
        for name, channel in list(self._channels.items()):
            if name not in self._gates:
                breaker = Breaker(limits.sender_pause, limits.break_after)
                self._gates[name] = Gate(name, channel, self._stop, breaker)

    def _look(self, in_flight: list[int]) -> "_Look":
        """Free what crashed workers left, and see what there is to do; in one thread, since each hop into one costs."""
        idempotent = [name for name, channel in list(self._channels.items()) if is_idempotent(channel)]
        now = self._tools.now()
        self._tools.ahead.bring_back(now, self._tools.limits.lease)
        in_hand = InHand(self._tools.worker, records=in_flight, until=now + self._tools.limits.lease)
        rescued = self._tools.store.rescue(idempotent, now, in_hand)
        self._tools.store.begin_pass()
        return _Look(
            len(rescued.lost),
            handed_back=len(rescued.handed_back),
            is_unpaced_due=self._tools.store.is_unpaced_due(now),
            open_channels=self._open_channels(),
        )

    async def _waiting(self) -> dict[str, int]:
        """Count, by channel, what is due for channels that are not here; now and then, for it rarely changes."""
        now = self._tools.now()
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return {}
        self._looked_at = now
        waiting = await asyncio.to_thread(self._tools.reads.waiting_for_channel, self._channels, now)
        for name, count in waiting.items():
            _log.warning("channel.not_configured channel=%s waiting=%s", name, count)
        return waiting

    def report(self, waiting: Mapping[str, int] | None = None) -> Report:
        """Return what was done since the last report."""
        counts, self._counts = self._counts, Counter()
        return Report.of(counts, waiting or {})

    async def _serve_lanes(self, open_channels: set[str], patience: timedelta, on_settled: OnProgress) -> None:
        """Give every lane its turn that has rested, and again whenever one may go on at once, while patience lasts."""
        began_at = self._tools.clock.now()
        idle: set[int] = set()
        while True:
            self._background.collect()
            for name in self._gates.keys() & open_channels:
                await self._take_turns(name, idle, on_settled)
            left_over = patience - (self._tools.clock.now() - began_at)
            if not self._background and not self._frees_a_lane:
                return
            if left_over <= timedelta(0):
                if self._frees_a_lane:
                    self._background.wake()
                return
            if not self._frees_a_lane:
                await self._background.some(self._tools.clock, min(left_over, _LONG).total_seconds())
            open_channels = await self._opened_meanwhile()

    async def _opened_meanwhile(self) -> set[str]:
        """Return the channels that have a lane that may go, where an end since the last look lets one go at once."""
        if not self._frees_a_lane:
            return set()
        # Before the look: whatever ends during it is looked after once more.
        self._frees_a_lane = False
        return await asyncio.to_thread(self._open_channels)

    async def _take_turns(self, name: str, idle: set[int], on_settled: OnProgress) -> None:
        """Begin the turns of a channel's lanes that have rested, a batch at a time."""
        gate = self._gates[name]
        limits = self._tools.limits
        most = limits.batch_size(gate.at_once)
        while not gate.stop.is_set():
            begin, begun = gate.take_room(most), 0
            terms = Terms(self._tools.worker, lease=limits.lease, batch=most, begin=begin)
            try:
                claimed_at, turns = await to_its_end(
                    asyncio.to_thread(self._lease_turns, name, terms, idle),
                    lambda taken: self._hand_back(gate, taken[0], taken[1].claims, taken[1].lanes),
                )
                begun = _begun(turns.claims)
            finally:
                gate.give_back(begin - begun)
            idle.update(turns.idle)
            self._counts.update(turns.claims.turned_away)
            if turns.claims.records:
                batch = Batch(self._tools, gate, turns.claims.records, turns.lanes, claimed_at=claimed_at)
                self._background.start(batch.run(lambda answers, done: self._on_settled(answers, done, on_settled)))
                # Lets it begin: a task that is cancelled before has no chance to hand back what was claimed for it.
                await asyncio.sleep(0)  # noqa: TID251  (no time passes)
            if turns.is_over:
                return

    def _drain_channels(self, on_settled: OnProgress) -> None:
        """Begin to send what goes by no sender, channel by channel; whoever is at it looks once more before it ends."""
        for name, gate in self._gates.items():
            gate.is_asked_again = True
            self._drain_beside(name, on_settled)

    def _drain_beside(self, name: str, on_settled: OnProgress) -> None:
        """Drain a channel beside whoever does already, up to so many: one slow answer does not hold up the others."""
        if self._background.running(name) < BATCHES_AT_ONCE:
            self._background.start(self._drain(name, on_settled), name)

    async def _drain(self, name: str, on_settled: OnProgress) -> None:
        """Claim and send what goes through a channel without a sender, until none is left or the channel gives out.

        Where there is something, another one begins beside it, up to so many.
        """
        gate = self._gates[name]
        while not gate.stop.is_set() and not gate.breaker.is_breaking:
            gate.is_asked_again = False
            claimed_at, claims = await self._claimed(name)
            if not claims and gate.is_asked_again:
                # A pass found something while this looked: it may have come after what is seen here.
                continue
            if not claims:
                return
            self._counts.update(claims.turned_away)
            self._drain_beside(name, on_settled)
            batch = Batch(self._tools, gate, claims.records, {}, claimed_at=claimed_at)
            await batch.run(lambda answers, done: self._on_settled(answers, done, on_settled))

    async def _claimed(self, name: str) -> tuple[datetime, Claims]:
        """Claim a batch; none while the database is away, where one beside it is under way and will look again."""
        gate = self._gates[name]
        batch = self._tools.limits.batch_size(gate.at_once)
        begin, begun = gate.take_room(batch), 0
        try:
            claimed_at, claims = await to_its_end(
                asyncio.to_thread(self._claim, gate, batch, begin),
                lambda taken: self._hand_back(gate, taken[0], taken[1], {}),
            )
            begun = _begun(claims)
        except DatabaseAway as problem:
            if self._background.running(name) < BATCHES_AT_ONCE:
                raise
            _log.warning("claim.left channel=%s error=%s", name, problem)
            return self._tools.now(), Claims()
        else:
            return claimed_at, claims
        finally:
            gate.give_back(begin - begun)

    async def _hand_back(self, gate: Gate, claimed_at: datetime, claims: Claims, lanes: Mapping[int, Lane]) -> None:
        """Hand back what was claimed when its task was already cancelled."""
        await Batch(self._tools, gate, claims.records, lanes, claimed_at=claimed_at).hand_back()

    # The clock is read inside the transaction that claims: its thread, and the database, may have been waited for.

    def _open_channels(self) -> set[str]:
        return self._tools.lanes.open_channels(self._tools.now())

    def _lease_turns(self, channel: str, terms: Terms, idle: set[int]) -> tuple[datetime, Turns]:
        with self._tools.store.transaction():
            now = self._tools.store.now()
            self._tools.schema.check(now)
            turns = self._tools.lanes.take_turns(channel, terms, now, passed=idle)
        prepare(record.facts for record in turns.claims.records)
        return now, turns

    def _claim(self, gate: Gate, batch: int, begin: int) -> tuple[datetime, Claims]:
        """Claim what goes without a sender: nothing while its channel rests, and one message when that is over."""
        tools = self._tools
        with tools.store.transaction():
            now = tools.store.now()
            tools.schema.check(now)
            rest = tools.rests.find(gate.name)
            is_trying = rest.until is not None
            if rest.until is not None and rest.until > now:
                return now, Claims()
            if is_trying and not tools.rests.take_trial(gate.name, now, now + tools.limits.lease):
                return now, Claims()
            most, first = (1, min(begin, 1)) if is_trying else (batch, begin)
            claims = tools.claiming.claim(
                tools.worker, gate.name, now=now, lease=tools.limits.lease, batch=most, begin=first
            )
            if is_trying and not claims.records:
                tools.rests.write(gate.name, rest)
        if claims.records:
            gate.breaker.begin(rest, is_trying=is_trying)
        prepare(record.facts for record in claims.records)
        return now, claims

    def _on_settled(self, settlements: list[Settlement], settled: Settled, on_settled: OnProgress) -> None:
        self._counts.update(settled.counts)
        self._frees_a_lane = self._frees_a_lane or settled.frees_a_lane
        if settled.counts[STALE]:
            _log.warning("settle.stale records=%s", settled.counts[STALE])
        on_settled(len(settlements))


def _begun(claims: Claims) -> int:
    """Return how many of the records that were claimed have begun to be sent."""
    return sum(record.has_begun for record in claims.records)
