"""One pass: rescue, then for each channel claim → decide → send → settle until nothing more is due.

Storage is synchronous and batched, and runs in a thread; sending is asynchronous, many at once. Nothing is sent
inside a transaction and nothing is awaited inside one. A record that becomes active during a pass waits for the next
pass, even if it is overdue: one pass never sends two messages of one enrollment.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dripline.channels.contract import Channel, is_idempotent, sends_at_once
from dripline.core.outcome import HoldSender
from dripline.engine.batch import Batch, Tools
from dripline.engine.report import Report
from dripline.errors import DatabaseProblem
from dripline.store.settle import STALE, Settled, Settlement
from dripline.store.store import Claimed

_log = logging.getLogger("dripline.processor")


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

        Set `stop` to end the pass after what is being sent; what is claimed and not begun is handed back. `on_settled`
        is told how many records each settlement wrote.

        Raises:
            DatabaseProblem: The database went away; what was in flight is unknown until its lease ends.
        """
        counts: Counter[str] = Counter()
        idempotent = [name for name, channel in self._channels.items() if is_idempotent(channel)]
        counts["lost"] = await asyncio.to_thread(self._tools.store.rescue, idempotent, self._tools.now())
        try:
            async with asyncio.TaskGroup() as group:
                for name, channel in self._channels.items():
                    group.create_task(self._drain(name, channel, Tally(counts, on_settled), stop))
        except BaseExceptionGroup as errors:
            raise _database_problem(errors) from errors
        waiting = await asyncio.to_thread(self._tools.reads.waiting_for_channel, self._channels, self._tools.now())
        for name, count in waiting.items():
            _log.warning("channel.not_configured channel=%s waiting=%s", name, count)
        return Report.of(counts, waiting)

    async def _drain(self, name: str, channel: Channel, tally: Tally, stop: asyncio.Event) -> None:
        """Claim and send one channel's due records, batch by batch, until none is left or its sender gives out."""
        held_back: set[int] = set()

        def on_settled(settlements: list[Settlement], settled: Settled) -> None:
            tally.counts.update(settled.counts)
            tally.on_settled(len(settlements))
            held_back.update(settled.overdue)
            self._notice(name, settlements, settled.counts[STALE])

        while not stop.is_set() and not self._is_paused(name):
            claimed = await asyncio.to_thread(self._claim, name, sends_at_once(channel), held_back)
            if not claimed:
                return
            await Batch(self._tools, channel, claimed, stop).run(on_settled)

    def _claim(self, channel: str, at_once: int, held_back: set[int]) -> list[Claimed]:
        limits = self._tools.limits
        return self._tools.store.claim(
            self._tools.worker,
            channel,
            now=self._tools.now(),
            lease=limits.lease,
            batch=limits.batch_size(at_once),
            held_back=held_back,
        )

    def _is_paused(self, channel: str) -> bool:
        until = self._paused_until.get(channel)
        return until is not None and self._tools.now() < until

    def _notice(self, name: str, settlements: list[Settlement], stale: int) -> None:
        """Rest a channel whose sender gave out, and log what a person should see."""
        for settlement in settlements:
            if isinstance(settlement.consequence, HoldSender):
                until = settlement.consequence.until or self._tools.now() + self._tools.limits.sender_pause
                self._paused_until[name] = max(until, self._paused_until.get(name, until))
                _log.warning("sender.unavailable channel=%s reason=%s", name, settlement.consequence.reason)
                break
        if stale:
            _log.warning("settle.stale channel=%s records=%s", name, stale)


def _database_problem(errors: BaseExceptionGroup) -> BaseException:
    """Return the problem with the database where that is all that went wrong, else everything."""
    problems, others = errors.split(DatabaseProblem)
    while isinstance(problems, BaseExceptionGroup) and others is None:
        problems = problems.exceptions[0]
    return errors if others is not None or problems is None else problems
