"""One pass: rescue, then for each channel claim → decide → send → settle until nothing more is due.

Storage is synchronous and batched, and runs in a thread; sending is asynchronous, many at once. Nothing is sent
inside a transaction and nothing is awaited inside one. A record that becomes active during a pass waits for the next
pass, even if it is overdue: one pass never sends two messages of one enrollment.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from dripline.channels.contract import Channel, is_idempotent, sends_at_once
from dripline.core.decide import Cancel, Send, decide
from dripline.core.model import Message
from dripline.core.outcome import (
    ERROR_LIMIT,
    Accepted,
    Fail,
    HoldSender,
    Outcome,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Unknown,
    consequence,
)
from dripline.core.schedule import whole_second
from dripline.core.text import as_text
from dripline.engine.clock import Clock
from dripline.engine.report import Report
from dripline.errors import DatabaseProblem
from dripline.store.reads import Reads
from dripline.store.settle import STALE, Settlement, Settler
from dripline.store.store import Claimed, Store

BATCH = 500
"""The most records that one claim takes."""

SEND_TIMEOUT = timedelta(seconds=30)
"""How long a channel may take over one message before its outcome is taken as unknown."""

LEASE = timedelta(minutes=5)
"""How long a claim holds. A channel's batch is small enough to be sent in half of that, each message at its slowest."""

SENDER_PAUSE = timedelta(minutes=1)
"""How long a channel rests after its sender was unavailable and did not say until when."""

_OUTCOME_NAMES: dict[type[Outcome], str] = {
    Accepted: "accepted",
    RetryLater: "retry_later",
    Rejected: "rejected",
    SenderUnavailable: "sender_unavailable",
    Unknown: "unknown",
}

_log = logging.getLogger("dripline.processor")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a processor works with."""

    store: Store
    reads: Reads
    settler: Settler
    clock: Clock
    worker: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a pass has done so far, and who wants to know."""

    counts: Counter[str]
    on_settled: Callable[[int], None]


class Processor:
    """Runs passes for one worker over the channels it has."""

    def __init__(self, tools: Tools, channels: Mapping[str, Channel]) -> None:
        self._tools = tools
        self._channels = channels
        self._paused_until: dict[str, datetime] = {}

    async def run_pass(self, stop: asyncio.Event, on_settled: Callable[[int], None] = lambda _many: None) -> Report:
        """Look once at everything that is active and due, and say what became of it.

        Set `stop` to end the pass after the batches that are under way. `on_settled` is told how many records each
        settlement wrote.

        Raises:
            DatabaseProblem: The database went away; what was in flight is unknown until its lease ends.
        """
        counts: Counter[str] = Counter()
        idempotent = [name for name, channel in self._channels.items() if is_idempotent(channel)]
        counts["lost"] = await asyncio.to_thread(self._tools.store.rescue, idempotent, self._now())
        try:
            async with asyncio.TaskGroup() as group:
                for name, channel in self._channels.items():
                    group.create_task(self._drain(name, channel, Tally(counts, on_settled), stop))
        except BaseExceptionGroup as errors:
            raise _database_problem(errors) from errors
        waiting = await asyncio.to_thread(self._tools.reads.waiting_for_channel, self._channels, self._now())
        for name, count in waiting.items():
            _log.warning("channel.not_configured channel=%s waiting=%s", name, count)
        return Report.of(counts, waiting)

    async def _drain(self, name: str, channel: Channel, tally: Tally, stop: asyncio.Event) -> None:
        """Claim and send one channel's due records, batch by batch, until none is left or its sender gives out."""
        held_back: set[int] = set()
        while not stop.is_set() and self._paused_until.get(name, self._now()) <= self._now():
            claimed = await asyncio.to_thread(self._claim, name, batch_size(channel), held_back)
            if not claimed:
                return
            await self._send_batch(name, channel, claimed, tally, held_back)

    def _claim(self, channel: str, batch: int, held_back: set[int]) -> list[Claimed]:
        return self._tools.store.claim(
            self._tools.worker, channel, now=self._now(), lease=LEASE, batch=batch, held_back=held_back
        )

    async def _send_batch(
        self, name: str, channel: Channel, claimed: list[Claimed], tally: Tally, held_back: set[int]
    ) -> None:
        """Send what may go, and settle each group of answers as it comes in."""
        # Waiting for a slot is waiting here: inside send it would count as the provider's silence.
        slots = asyncio.Semaphore(sends_at_once(channel))
        async with asyncio.TaskGroup() as group:
            pending = {group.create_task(self._attempt(record, channel, slots)) for record in claimed}
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                settlements = [task.result() for task in done]
                settled = await asyncio.to_thread(self._tools.settler.settle, settlements, self._now())
                tally.counts.update(settled.counts)
                tally.on_settled(len(settlements))
                held_back.update(settled.overdue)
                self._notice(name, settlements, settled.counts[STALE])

    async def _attempt(self, claimed: Claimed, channel: Channel, slots: asyncio.Semaphore) -> Settlement:
        """Decide on one claimed record, send it if it may go, and say what became of it."""
        match decide(claimed.facts):
            case Send(message):
                async with slots:
                    outcome = await _send(channel, message)
                return _settlement(claimed, outcome, message)
            case Cancel() | Fail() as decision:
                return Settlement(claimed, outcome="not_sent", consequence=decision, error=decision.reason)

    def _notice(self, name: str, settlements: list[Settlement], stale: int) -> None:
        """Rest a channel whose sender gave out, and log what a person should see."""
        for settlement in settlements:
            if isinstance(settlement.consequence, HoldSender):
                until = settlement.consequence.until or self._now() + SENDER_PAUSE
                self._paused_until[name] = max(until, self._paused_until.get(name, until))
                _log.warning("sender.unavailable channel=%s reason=%s", name, settlement.consequence.reason)
                break
        if stale:
            _log.warning("settle.stale channel=%s records=%s", name, stale)

    def _now(self) -> datetime:
        return whole_second(self._tools.clock.now())


def batch_size(channel: Channel) -> int:
    """Return how many records of a channel one claim takes, so that its lease cannot end while they are sent."""
    return min(BATCH, sends_at_once(channel) * int(LEASE / 2 / SEND_TIMEOUT))


def _database_problem(errors: BaseExceptionGroup) -> BaseException:
    """Return the problem with the database where that is all that went wrong, else everything."""
    problems, others = errors.split(DatabaseProblem)
    while isinstance(problems, BaseExceptionGroup) and others is None:
        problems = problems.exceptions[0]
    return errors if others is not None or problems is None else problems


async def _send(channel: Channel, message: Message) -> Outcome:
    """Ask a channel to send one message. What it does against its contract is an unknown outcome, never a crash."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
            answer = cast("object", await channel.send(message))
    except TimeoutError:
        return Unknown(f"no answer within {SEND_TIMEOUT.total_seconds():.0f} s")
    except Exception as error:  # noqa: BLE001  (the edge of a lane, as below)
        # The edge of a lane: a channel's bug must not stop the others, and the bytes may have left.
        _log.exception("channel.raised record_id=%s", message.record_id)
        return Unknown(f"the channel raised {type(error).__name__}")
    if isinstance(answer, Outcome):
        return answer
    _log.error("channel.answered_nonsense record_id=%s answer=%s", message.record_id, type(answer).__name__)
    return Unknown(f"the channel answered {type(answer).__name__}, which is no outcome")


def _settlement(claimed: Claimed, outcome: Outcome, message: Message) -> Settlement:
    facts = claimed.facts
    accepted = isinstance(outcome, Accepted)
    return Settlement(
        claimed,
        outcome=_OUTCOME_NAMES[type(outcome)],
        consequence=consequence(outcome, record_id=facts.record_id, attempt=facts.attempt, failures=claimed.failures),
        provider_id=as_text(outcome.provider_id or "(none given)", ERROR_LIMIT) if accepted else None,
        error=None if accepted or not outcome.error else as_text(outcome.error, ERROR_LIMIT),
        text=message.text,
    )
