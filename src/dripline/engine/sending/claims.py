"""Where batches come from: what goes through a channel without a sender, and the turns of its senders' lanes.

Both answer `next_batch()` until nothing is left that may go now. A batch is claimed in one transaction in a thread; the
clock is read inside it, since its thread, and the database, may have been waited for.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.messages.compose import prepare
from dripline.core.senders.lane import Lane
from dripline.engine.context import WorkerContext
from dripline.engine.sending.batch import Batch
from dripline.engine.sending.channel_slots import ChannelSlots
from dripline.engine.tasks import run_to_completion
from dripline.store.records.claim import Claims
from dripline.store.records.claim_lanes import ClaimOptions


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """What one transaction claimed, the instant before, and what it found out of lanes."""

    at: datetime
    claims: Claims = field(default_factory=Claims, kw_only=True, hash=False)
    lanes: Mapping[int, Lane] = field(default_factory=dict[int, Lane], kw_only=True, hash=False)
    idle: frozenset[int] = field(default=frozenset(), kw_only=True)
    is_over: bool = field(default=False, kw_only=True)


class UnpacedClaims:
    """What goes through one channel without a sender: nothing while it rests, and one message when that is over."""

    def __init__(self, context: WorkerContext, slots: ChannelSlots, count: Callable[[Counter[str]], None]) -> None:
        self._context = context
        self._slots = slots
        self._count = count

    async def next_batch(self) -> Batch | None:
        """Claim a batch; None where nothing is left, everything is to end, or the channel gave out."""
        slots = self._slots
        while not slots.stop.is_set() and not slots.breaker.is_breaking:
            slots.is_asked_again = False
            claimed = await _begin(self._context, slots, self.claim)
            if claimed.claims:
                self._count(claimed.claims.turned_away)
                return _batch_of(self._context, slots, claimed)
            if not slots.is_asked_again:
                return None
            # A pass found something while this looked: it may have come after what is seen here.
        return None

    def claim(self, begin: int | None) -> ClaimedBatch:
        """Claim in one transaction, of which so many begin, or all; call in a thread."""
        context, slots = self._context, self._slots
        with context.store.transaction():
            now = context.store.now()
            context.schema.check(now)
            rest = context.rests.find(slots.name)
            is_trial = rest.until is not None
            if rest.until is not None and rest.until > now:
                return ClaimedBatch(now)
            if is_trial and not context.rests.take_trial(slots.name, now, now + context.limits.lease):
                return ClaimedBatch(now)
            claims = context.claiming.claim(
                context.worker,
                slots.name,
                now=now,
                lease=context.limits.lease,
                batch=1 if is_trial else slots.batch,
                begin=begin,
            )
            if is_trial and not claims.records:
                context.rests.write(slots.name, rest)
        if claims.records:
            slots.breaker.begin(rest, is_trying=is_trial)
        prepare(record.facts for record in claims.records)
        return ClaimedBatch(now, claims=claims)


class LaneClaims:
    """The turns of one channel's lanes that have rested. Lanes in `idle` have nothing more that may go in this pass."""

    def __init__(
        self, context: WorkerContext, slots: ChannelSlots, count: Callable[[Counter[str]], None], idle: set[int]
    ) -> None:
        self._context = context
        self._slots = slots
        self._count = count
        self._idle = idle
        self._is_over = False

    async def next_batch(self) -> Batch | None:
        """Claim the turns of about a batch; None where no lane is left to look at, or everything is to end."""
        while not self._is_over and not self._slots.stop.is_set():
            claimed = await _begin(self._context, self._slots, self.claim)
            self._is_over = claimed.is_over
            self._idle.update(claimed.idle)
            self._count(claimed.claims.turned_away)
            if claimed.claims.records:
                return _batch_of(self._context, self._slots, claimed)
        return None

    def claim(self, begin: int | None) -> ClaimedBatch:
        """Claim in one transaction, of which so many begin, or all; call in a thread."""
        context, slots = self._context, self._slots
        options = ClaimOptions(context.worker, lease=context.limits.lease, batch=slots.batch, begin=begin)
        with context.store.transaction():
            now = context.store.now()
            context.schema.check(now)
            turns = context.lanes.take_turns(slots.name, options, now, passed=self._idle)
        prepare(record.facts for record in turns.claims.records)
        return ClaimedBatch(now, claims=turns.claims, lanes=turns.lanes, idle=turns.idle, is_over=turns.is_over)


async def _begin(
    context: WorkerContext, slots: ChannelSlots, claim: Callable[[int | None], ClaimedBatch]
) -> ClaimedBatch:
    """Claim with as many slots as are free now, and keep those of the records that begin to be sent with their claim.

    What was claimed for a task that is cancelled meanwhile is handed back.
    """
    free, begun = slots.take_room(slots.batch), 0
    try:
        claimed = await run_to_completion(
            asyncio.to_thread(claim, None if free == slots.batch else free),
            lambda late: _batch_of(context, slots, late).hand_back(),
        )
        begun = sum(record.has_begun for record in claimed.claims.records)
    finally:
        slots.give_back(free - begun)
    return claimed


def _batch_of(context: WorkerContext, slots: ChannelSlots, claimed: ClaimedBatch) -> Batch:
    return Batch(context, slots, claimed.claims.records, claimed.lanes, claimed_at=claimed.at)
