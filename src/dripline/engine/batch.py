"""One claimed batch on its way: decided, sent many at once, settled as answers come in, its leases kept alive.

What the provider has answered must not be lost again: where the database is away when answers are to be written, they
are kept and tried again until the leases have ended. A commit whose own answer got lost is found out by the token.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from dripline.channels.contract import Channel, sends_at_once
from dripline.core.decide import Send, Skip, decide
from dripline.core.lane import Change, Lane, answer
from dripline.core.model import Message
from dripline.core.outcome import (
    ERROR_LIMIT,
    Accepted,
    Fail,
    HandBack,
    Outcome,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Unknown,
    consequence,
    failed,
)
from dripline.core.schedule import whole_second
from dripline.core.start_link import Links, with_links
from dripline.core.text import as_text
from dripline.engine.clock import Clock
from dripline.engine.handover import hand_over
from dripline.engine.limits import Limits
from dripline.engine.patience import Patience
from dripline.engine.traits import Traits
from dripline.engine.turns import OpenTurns
from dripline.errors import DatabaseAway
from dripline.store.ahead import Ahead
from dripline.store.claiming import Claimed, Claiming
from dripline.store.database import Database
from dripline.store.lanes import Lanes
from dripline.store.reads import Reads
from dripline.store.settle import Settled, Settlement, Settler
from dripline.store.store import Store

_OUTCOME_NAMES: dict[type[Outcome], str] = {
    Accepted: "accepted",
    RetryLater: "retry_later",
    Rejected: "rejected",
    SenderUnavailable: "sender_unavailable",
    Unknown: "unknown",
}

_log = logging.getLogger("dripline.batch")

OnSettled = Callable[[list[Settlement], Settled], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a worker works with."""

    store: Store
    claiming: Claiming
    reads: Reads
    lanes: Lanes
    settler: Settler
    ahead: Ahead
    clock: Clock
    worker: str = field(kw_only=True)
    limits: Limits = field(kw_only=True)
    links: Links | None = field(default=None, kw_only=True, hash=False)

    @classmethod
    def on(
        cls,
        database: Database,
        clock: Clock,
        *,
        worker: str,
        limits: Limits,
        traits: Traits | None = None,
    ) -> Self:
        """Return the tools of a worker on a database."""
        store, traits = Store(database, lambda: whole_second(clock.now())), traits or Traits()
        settler = Settler(database, store, worker, traits.receipts_by_id)
        lanes = Lanes(database, store, traits.windows)
        claiming = Claiming(database, store, traits.windows)
        return cls(
            store,
            claiming,
            Reads(database),
            lanes,
            settler,
            Ahead(database, store),
            clock,
            worker=worker,
            limits=limits,
        )

    def now(self) -> datetime:
        """Return the present whole second."""
        return whole_second(self.clock.now())


@dataclass(frozen=True, slots=True)
class Gate:
    """A channel, and how many of its sends may run at once: all batches on it share the slots."""

    channel: Channel
    slots: asyncio.Semaphore = field(kw_only=True)
    stop: asyncio.Event = field(kw_only=True)


class Batch:
    """Claimed records of one channel. What has not begun to be sent when the gate's `stop` is set is handed back.

    `claimed_at` is the instant before they were claimed: an answer from the database may take its time.
    """

    def __init__(
        self, tools: Tools, gate: Gate, claimed: list[Claimed], lanes: Mapping[int, Lane], *, claimed_at: datetime
    ) -> None:
        self._tools = tools
        self._gate = gate
        self._turns = OpenTurns(lanes, claimed)
        self._in_flight = {record.facts.record_id for record in claimed}
        self._waiting = deque(claimed)
        self._answered: list[Settlement] = []
        self._is_answered = asyncio.Event()
        self._lease_ends = claimed_at + tools.limits.lease
        self._renews_at = claimed_at + tools.limits.renew_every

    async def run(self, on_settled: OnSettled) -> None:
        """Send what may go and settle each group of answers as it comes in.

        Raises:
            DatabaseProblem: The answers could not be written before the leases ended.
        """
        async with asyncio.TaskGroup() as group:
            # One at a time: where no answer has to be waited for, the first one sends everything.
            for _ in range(min(len(self._in_flight), sends_at_once(self._gate.channel))):
                group.create_task(self._send_in_turn())
                await asyncio.sleep(0)  # noqa: TID251  (gives way to it; no time passes)
                if not self._waiting:
                    break
            while self._in_flight:
                await self._some_answers()
                settlements, self._answered = self._answered, []
                if settlements:
                    turns = self._turns.take(settlements, self._tools.clock.now())
                    on_settled(settlements, await self._settle(settlements, turns))
                    _tell(turns)

    async def _some_answers(self) -> None:
        """Wait until something has been answered, and keep the leases of what is in flight alive meanwhile."""
        while not self._answered:
            self._is_answered.clear()
            left = (self._renews_at - self._tools.clock.now()).total_seconds()
            await self._tools.clock.wait(self._is_answered, left)
            await self._keep_alive()

    async def _send_in_turn(self) -> None:
        """Attempt one waiting record after the other, beside all that do the same."""
        with Patience(self._tools.limits.send_timeout.total_seconds()) as patience:
            while self._waiting:
                settlement = await self._attempt(self._waiting.popleft(), patience)
                self._answered.append(settlement)
                self._is_answered.set()

    async def _attempt(self, claimed: Claimed, patience: Patience) -> Settlement:
        """Decide on one claimed record, send it if it may go, and say what became of it."""
        links = self._tools.links
        match decide(with_links(claimed.facts, links) if links else claimed.facts):
            case Send(message):
                # Waiting for a slot is waiting here: inside send it would count as the provider's silence.
                async with self._gate.slots:
                    if self._gate.stop.is_set():
                        return _not_sent(claimed, HandBack("the worker stopped before it was sent"))
                    if self._tools.clock.now() >= self._lease_ends:
                        return _not_sent(claimed, HandBack("its lease ended before it was sent"))
                    outcome = await hand_over(self._gate.channel, message, patience)
                return self._answer(claimed, outcome, message)
            case Skip() as decision:
                return _not_sent(claimed, decision)
            case Fail() as decision:
                return _not_sent(claimed, failed(decision, claimed.policy))

    def _answer(self, claimed: Claimed, outcome: Outcome, message: Message) -> Settlement:
        facts = claimed.facts
        accepted = isinstance(outcome, Accepted)
        leads_to = consequence(
            outcome,
            record_id=facts.record_id,
            attempt=facts.attempt,
            failures=facts.failures,
            policy=claimed.policy,
        )
        return Settlement(
            claimed,
            outcome=_OUTCOME_NAMES[type(outcome)],
            consequence=leads_to,
            answer=answer(outcome, leads_to),
            provider_id=as_text(outcome.provider_id or "(none given)", ERROR_LIMIT) if accepted else None,
            error=None if accepted or not outcome.error else as_text(outcome.error, ERROR_LIMIT),
            text=message.text,
            aliases=outcome.aliases if isinstance(outcome, Accepted) else (),
        )

    async def _settle(self, settlements: list[Settlement], turns: list[Change]) -> Settled:
        while True:
            try:
                settled = await asyncio.to_thread(self._write, settlements, turns)
            except DatabaseAway as problem:
                if self._tools.now() >= self._lease_ends:
                    raise
                _log.warning("settle.again records=%s error=%s", len(settlements), problem)
                await self._tools.clock.wait(asyncio.Event(), self._tools.limits.settle_again.total_seconds())
                await self._keep_alive()
            else:
                self._in_flight -= {settlement.record_id for settlement in settlements}
                return settled

    def _write(self, settlements: list[Settlement], turns: list[Change]) -> Settled:
        return self._tools.settler.settle(settlements, self._tools.now(), turns)

    async def _keep_alive(self) -> None:
        """Renew the leases of what is in flight, where it is time to."""
        now = self._tools.clock.now()
        if now < self._renews_at:
            return
        self._renews_at = now + self._tools.limits.renew_every
        lease_ends = self._tools.now() + self._tools.limits.lease
        try:
            await asyncio.to_thread(self._renew, list(self._in_flight), self._turns.lanes, lease_ends)
        except DatabaseAway as problem:
            _log.warning("lease.not_renewed records=%s error=%s", len(self._in_flight), problem)
        else:
            self._lease_ends = lease_ends

    def _renew(self, records: list[int], lanes: list[int], until: datetime) -> None:
        with self._tools.store.transaction():
            self._tools.store.renew(self._tools.worker, records, until)
            self._tools.lanes.renew(self._tools.worker, lanes, until)


def _tell(turns: list[Change]) -> None:
    """Tell an operator of senders that broke or are well again."""
    for turn in turns:
        if turn.event is not None:
            _log.warning("lane.%s sender=%s reason=%s", turn.event, turn.lane.name, turn.reason)


def _not_sent(claimed: Claimed, decision: Fail | Skip | HandBack) -> Settlement:
    return Settlement(claimed, outcome="not_sent", consequence=decision, error=decision.reason)
