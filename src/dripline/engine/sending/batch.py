"""One claimed batch on its way: begun, decided, sent many at once, settled as answers come in, its leases kept alive.

A record has begun when it is committed that it has: only so many have as may be on their way at once, so that a worker
that is killed leaves little of which nobody knows whether it went. The next ones begin with the answers before them,
in one transaction. Where a channel answers at once, without any waiting, the rest of the batch begins together, and the
next batch with its claim: all of it is sent in the time of two commits.

What the provider has answered must not be lost again: where the database is away when answers are to be written, they
are kept and tried again for as long as the process lives, and in a file where it has to end before (`StoredAnswers`). A
commit whose own answer got lost is found out by the token.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from dripline.channels.capabilities import capabilities_of
from dripline.core.explain import words
from dripline.core.messages.compose import Send, decide
from dripline.core.messages.start_link import with_links
from dripline.core.outcome import (
    Fail,
    HandBack,
    Lose,
    failed,
)
from dripline.core.reason import Reason, ReasonCode, code_of
from dripline.core.records.rules import Cancel, Skip
from dripline.core.senders.channel_rest import ChannelRest
from dripline.core.senders.lane import SOUND, Answer, Change, Lane
from dripline.engine.context import WorkerContext
from dripline.engine.sending.channel_slots import ChannelSlots, is_orderly
from dripline.engine.sending.lane_turns import LaneTurns
from dripline.engine.sending.send_one import not_sent, send_one, settlement_of
from dripline.engine.tasks import Timeout, run_to_completion
from dripline.errors import DatabaseAway, DatabaseProblem
from dripline.store.records.attempts import Begun
from dripline.store.records.claimed import Claimed
from dripline.store.records.settle import Settled, Settlement

RENEWALS = 3
"""How often a lease is renewed before it would end: one renewal may fail, and the next comes in time."""

_log = logging.getLogger("dripline.batch")

OnSettled = Callable[[list[Settlement], Settled], None]


class Batch:
    """Claimed records of one channel. What has not begun to be sent when the channel's `stop` is set is handed back.

    `claimed_at` is the instant before they were claimed: an answer from the database may take its time.
    """

    def __init__(
        self,
        context: WorkerContext,
        slots: ChannelSlots,
        claimed: list[Claimed],
        lanes: Mapping[int, Lane],
        *,
        claimed_at: datetime,
    ) -> None:
        self._context = context
        self._slots = slots
        self._turns = LaneTurns(lanes, claimed) if lanes else None
        self._in_flight = {record.facts.record_id: record for record in claimed}
        self._begun = deque(record for record in claimed if record.has_begun)
        self._waiting = deque(record for record in claimed if not record.has_begun)
        self._holding = {record.facts.record_id for record in self._begun}
        self._being_sent: set[int] = set()
        self._written: set[int] = set()
        self._senders = self._handed_over = 0
        self._is_passed_up = False
        self._answered: list[Settlement] = []
        self._has_news = asyncio.Event()
        self._lease_ends = claimed_at + context.limits.lease
        self._renews_at = claimed_at + context.limits.lease / RENEWALS
        self._was_late = False

    async def run(self, on_settled: OnSettled) -> None:
        """Send what may go and settle each group of answers as it comes in; begin as many of the next with it.

        Cancelled, it hands back what it has not begun to send, and leaves what is being sent unknown.

        Raises:
            DatabaseProblem: The answers could not be written before the process had to end.
        """
        self._slots.join(self._has_news, self._in_flight.keys())
        try:
            async with asyncio.TaskGroup() as group:
                await self._send(group)
                while self._in_flight:
                    await self._wait_for_answers()
                    await self._settle_and_begin(on_settled)
                    await self._send(group)
        except BaseException as error:
            if is_orderly(error):
                await self.hand_back()
            if self._is_passed_up:
                raise asyncio.CancelledError from error
            raise
        finally:
            self._slots.leave(self._has_news)
            self._slots.give_back(len(self._holding))

    async def _send(self, group: asyncio.TaskGroup) -> None:
        """Send what has begun, by as many tasks as run at once.

        They begin one at a time: where no answer has to be waited for, the first one sends everything.
        """
        while self._begun and self._senders < self._slots.at_once:
            self._senders += 1
            before = self._handed_over
            group.create_task(self._send_begun())
            await asyncio.sleep(0)  # noqa: TID251  (gives way to it; no time passes)
            if self._senders or self._handed_over > before:
                self._slots.answers_at_once = self._senders == 0
        self._put_back()

    def _put_back(self) -> None:
        """Let what began with its claim, and is not sent yet, begin in its turn: the channel takes its time after all.

        It is asked again then whether its lead has left.
        """
        back = [self._begun.pop() for _ in range(min(len(self._begun), self._slots.overdrawn))]
        self._waiting.extendleft(back)
        self._let_go_of({record.facts.record_id for record in back})

    async def _wait_for_answers(self) -> None:
        """Wait until there is something to write, and keep the leases of what is in flight alive meanwhile."""
        while not self._answered and not self._may_settle_and_begin():
            self._has_news.clear()
            left = (self._renews_at - self._context.clock.now()).total_seconds()
            await self._context.clock.wait(self._has_news, left)
            await self._keep_alive()

    def _may_settle_and_begin(self) -> bool:
        """Return whether a record that waits may begin, or go back."""
        return bool(self._waiting) and (self._slots.has_room() or self._slots.stop.is_set())

    async def _settle_and_begin(self, on_settled: OnSettled) -> None:
        """Write the answers that have come, and with them that the next records begin."""
        for record in [record for record in self._waiting if self._may_not_go(record)]:
            self._waiting.remove(record)
            self._answered.append(self._hand_back_one(record))
        settlements, self._answered = self._answered, []
        self._written.update(settlement.record_id for settlement in settlements)
        self._let_go_of(self._written & self._holding)
        places = self._slots.take_room(len(self._waiting))
        next_ones = [self._waiting.popleft() for _ in range(places)]
        self._holding.update(record.facts.record_id for record in next_ones)
        turns = self._turns_ended_by(settlements)
        settled, begun = await self._write_until_stored(settlements, turns, next_ones)
        for record in next_ones:
            self._begin(record, begun)
        if settlements:
            on_settled(settlements, settled)
        _log_lanes(turns)

    def _begin(self, record: Claimed, begun: Begun) -> None:
        """Let a record be sent that has begun; one that may not go after all is settled without."""
        record_id = record.facts.record_id
        if record_id in begun.records:
            self._begun.append(record)
        elif record_id in begun.stopped_by:
            self._answered.append(not_sent(record, Cancel(begun.stopped_by[record_id])))
        else:
            self._answered.append(not_sent(record, _LEASE_ENDED))

    def _may_not_go(self, record: Claimed) -> bool:
        """Return whether everything is to end, or what a record goes through gave out since it was claimed."""
        sender = record.sender_id
        if self._turns is None or sender is None:
            is_broken = self._slots.breaker.is_broken
        else:
            is_broken = self._turns.is_broken(sender)
        return is_broken or self._slots.stop.is_set()

    def _hand_back_one(self, record: Claimed) -> Settlement:
        return not_sent(record, _STOPPED if self._slots.stop.is_set() else _BROKEN)

    def _hear(self, record: Claimed, said: Answer) -> None:
        if self._turns is None or record.sender_id is None:
            self._slots.breaker.hear(said, self._context.now)
        else:
            self._turns.hear(record.sender_id, said)

    def _turns_ended_by(self, settlements: list[Settlement]) -> list[Change]:
        """Return how the lanes go on whose turns these answers end."""
        return [] if self._turns is None else self._turns.take(settlements, self._context.clock.now())

    def _let_go_of(self, places: set[int]) -> None:
        self._holding -= places
        self._slots.give_back(len(places))

    async def _send_begun(self) -> None:
        """Attempt one begun record after the other, beside all that do the same."""
        try:
            with Timeout(self._context.limits.send_timeout.total_seconds()) as time_limit:
                while self._begun:
                    settlement = await self._decide_and_send(self._begun.popleft(), time_limit)
                    self._answered.append(settlement)
                    self._has_news.set()
        except (KeyboardInterrupt, SystemExit):
            # The event loop passes these up as soon as a task ends by one, and tidies up: once is enough.
            self._is_passed_up = True
            raise
        self._senders -= 1

    async def _decide_and_send(self, claimed: Claimed, time_limit: Timeout) -> Settlement:
        """Decide on one claimed record, send it if it may go, and say what became of it."""
        links = self._context.links
        match decide(with_links(claimed.facts, links) if links else claimed.facts):
            case Send(message):
                # Waiting for a slot is waiting here: inside send it would count as the provider's silence.
                async with self._slots.semaphore:
                    if self._may_not_go(claimed):
                        return self._hand_back_one(claimed)
                    if self._context.clock.now() >= self._lease_ends:
                        return not_sent(claimed, _LEASE_ENDED)
                    self._handed_over += 1
                    self._being_sent.add(claimed.facts.record_id)
                    outcome = await send_one(self._slots.channel, message, time_limit)
                    self._being_sent.discard(claimed.facts.record_id)
                settlement = settlement_of(claimed, outcome, message)
                self._hear(claimed, settlement.answer)
                return settlement
            case Skip() as decision:
                return not_sent(claimed, decision)
            case Fail() as decision:
                return not_sent(claimed, failed(decision, claimed.policy))

    async def _write_until_stored(
        self, settlements: list[Settlement], turns: list[Change], next_ones: list[Claimed]
    ) -> tuple[Settled, Begun]:
        give_up_at: datetime | None = None
        while True:
            rest = self._slots.breaker.unwritten()
            try:
                written = await run_to_completion(asyncio.to_thread(self._write, settlements, turns, next_ones, rest))
            except DatabaseAway as problem:
                if self._slots.stop.is_set():
                    give_up_at = give_up_at or self._context.now() + self._context.limits.last_tries
                if give_up_at is not None and self._context.now() >= give_up_at:
                    await asyncio.to_thread(self._keep, settlements)
                    raise
                _log.warning("settle.again records=%s error=%s", len(settlements), problem)
                await self._context.clock.wait(asyncio.Event(), self._context.limits.settle_again.total_seconds())
                await self._keep_alive()
            else:
                for settlement in settlements:
                    self._in_flight.pop(settlement.record_id, None)
                self._log_rest(rest)
                return written

    def _log_rest(self, rest: ChannelRest | None) -> None:
        """Tell an operator of a channel that broke or is well again, once that is written."""
        event = None if rest is None else self._slots.breaker.mark_written(rest)
        if rest is not None and event is not None:
            _log.warning("channel.%s channel=%s reason=%s", event, self._slots.name, code_of(rest.reason))

    def _write(
        self, settlements: list[Settlement], turns: list[Change], next_ones: list[Claimed], rest: ChannelRest | None
    ) -> tuple[Settled, Begun]:
        """Write answers and beginnings at once; and behind them what a streak of refusals did to people is undone."""
        written = self._write_at_once(settlements, turns, next_ones, rest)
        in_words = capabilities_of(self._slots.channel).refuses_in_words
        undo = partial(self._context.streaks.undo, self._context.now(), with_messages=in_words)
        undone = sum(undo(sender_id=turn.lane.sender_id) for turn in turns if turn.event == "broken")
        if rest is not None and rest.until is not None:
            undone += undo(channel=self._slots.name)
        if undone:
            _log.warning("refusals.undone records=%s", undone)
        return written

    def _write_at_once(
        self, settlements: list[Settlement], turns: list[Change], next_ones: list[Claimed], rest: ChannelRest | None
    ) -> tuple[Settled, Begun]:
        self._notice_lateness()
        context, is_late = self._context, self._was_late
        with context.store.transaction():
            if rest is not None:
                context.rests.write(self._slots.name, rest)
            if not next_ones:
                return context.settler.settle(settlements, context.store.now(), turns, is_late=is_late), Begun()
            # All of them in one order, as everybody locks records.
            context.store.hold_claimed(
                [*(one.record_id for one in settlements), *(r.facts.record_id for r in next_ones)]
            )
            now = context.store.now()
            begun = context.attempts.begin(next_ones, now)
            if not settlements:
                return Settled(), begun
            return context.settler.settle(settlements, now, turns, is_late=is_late), begun

    def _notice_lateness(self) -> None:
        """Note that a lease was not renewed in time, so that others may have taken this worker for gone."""
        if self._context.clock.now() >= self._lease_ends - self._context.limits.lease / RENEWALS:
            self._was_late = True

    async def hand_back(self) -> None:
        """Write the answers that have come; hand back what was not being sent, and leave unknown what was.

        Does nothing where the worker ends as a crash would.
        """
        if self._slots.is_lost:
            return
        answered = {settlement.record_id for settlement in self._answered} | self._written
        rest = [self._cut_off(record) for record_id, record in self._in_flight.items() if record_id not in answered]
        settlements = [*self._answered, *rest]
        if not settlements:
            return
        turns = self._turns_ended_by(settlements)
        channel_rest = self._slots.breaker.unwritten()
        try:
            await run_to_completion(asyncio.to_thread(self._write, settlements, turns, [], channel_rest))
        except DatabaseProblem as problem:
            _log.warning("batch.left records=%s error=%s", len(settlements), problem)
            await run_to_completion(asyncio.to_thread(self._keep, settlements))

    def _keep(self, settlements: list[Settlement]) -> None:
        """Keep what the provider has answered in a file: the process ends, and the database is away."""
        sent = [settlement for settlement in settlements if settlement.outcome not in {"not_sent", "unknown"}]
        self._context.stored_answers.keep([settlement.as_answer() for settlement in sent])
        self._answered = [settlement for settlement in self._answered if settlement not in sent]

    def _cut_off(self, claimed: Claimed) -> Settlement:
        if claimed.facts.record_id not in self._being_sent:
            return not_sent(claimed, _STOPPED)
        reason = Reason.of(ReasonCode.WORKER_CUT_OFF)
        lost = Lose(reason, delay=claimed.policy.hold)
        return Settlement(claimed, outcome="unknown", consequence=lost, error=words(reason), answer=SOUND)

    async def _keep_alive(self) -> None:
        """Renew the leases of what is in flight, where it is time to."""
        now = self._context.clock.now()
        if now < self._renews_at:
            return
        self._notice_lateness()
        self._renews_at = now + self._context.limits.lease / RENEWALS
        lease_ends = self._context.now() + self._context.limits.lease
        try:
            await asyncio.to_thread(self._renew, list(self._in_flight), lease_ends)
        except DatabaseAway as problem:
            _log.warning("lease.not_renewed records=%s error=%s", len(self._in_flight), problem)
        else:
            self._lease_ends = lease_ends

    def _renew(self, records: list[int], until: datetime) -> None:
        with self._context.store.transaction():
            self._context.store.renew(self._context.worker, records, until)
            if self._turns is not None:
                self._context.lanes.renew(self._context.worker, self._turns.lanes, until)


_STOPPED = HandBack(Reason.of(ReasonCode.WORKER_STOPPED))
_BROKEN = HandBack(Reason.of(ReasonCode.BROKEN_MEANWHILE))
_LEASE_ENDED = HandBack(Reason.of(ReasonCode.LEASE_ENDED))


def _log_lanes(turns: list[Change]) -> None:
    """Tell an operator of senders that broke or are well again."""
    for turn in turns:
        if turn.event is not None:
            _log.warning("lane.%s sender=%s reason=%s", turn.event, turn.lane.name, code_of(turn.reason))
