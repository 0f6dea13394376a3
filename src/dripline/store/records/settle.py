"""Settling: what became of claimed records is written in one transaction that checks that they are still ours."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from dripline.core.events.event import EventType
from dripline.core.leads.identity import Identity
from dripline.core.outcome import Complete, Consequence, Fail, HandBack, HoldCold, HoldSender, Lose, PauseStep, Retry
from dripline.core.reason import Reason
from dripline.core.records.lateness import moves_by
from dripline.core.records.rules import Cancel, Skip
from dripline.core.senders.lane import BREAK_FIRST, UNSENT, Answer, Change
from dripline.core.senders.reply_only import COLD_FIRST
from dripline.core.sequences.policy import WhenLate
from dripline.store.conversations.conversations import Conversations
from dripline.store.database.database import Database
from dripline.store.enrollments.spacing import Late
from dripline.store.enrollments.store import SECOND, Fields, Store
from dripline.store.leads.identities import Identities
from dripline.store.reasons import stored
from dripline.store.records.claim_lanes import Lanes
from dripline.store.records.claimed import Claimed
from dripline.store.senders.reply_only import Cold, Pair

STALE = "stale"
"""Counted for a record that was no longer this worker's when it settled: its lease ended, nothing was written to it."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one claimed record: what was answered, and what that leads to."""

    claimed: Claimed
    outcome: str = field(kw_only=True)
    consequence: Consequence | Cancel | Skip = field(kw_only=True)
    provider_id: str | None = field(default=None, kw_only=True)
    error: str | None = field(default=None, kw_only=True)
    text: str | None = field(default=None, kw_only=True)
    aliases: tuple[str, ...] = field(default=(), kw_only=True)
    answer: Answer = field(default=UNSENT, kw_only=True)

    @property
    def record_id(self) -> int:
        """The record that was claimed."""
        return self.claimed.facts.record_id

    def as_answer(self) -> dict[str, str | int | None]:
        """Return what its try came to, as it is written."""
        return {
            "record": self.record_id,
            "attempt": self.claimed.facts.attempt,
            "sender": self.claimed.sender_id,
            "outcome": self.outcome,
            "provider_id": self.provider_id,
            "error": self.error,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Settled:
    """How many records moved where, and whether a lane may go on at once."""

    counts: Counter[str] = field(default_factory=Counter[str], hash=False)
    frees_a_lane: bool = field(default=False, kw_only=True)


Moved = TypeVar("Moved", Complete, Retry, Fail, PauseStep, HoldSender, HoldCold, HandBack, Lose, Cancel, Skip)


class Settler:
    """Writes settlements for one worker."""

    def __init__(
        self, database: Database, store: Store, worker: str, receipts_by_id: Container[str] = frozenset()
    ) -> None:
        self._database = database
        self._store = store
        self._lanes = Lanes(database, store)
        self._conversations = Conversations(database)
        self._cold = Cold(database, store)
        self._identities = Identities(database)
        self._receipts_by_id = receipts_by_id
        self._worker = worker

    def settle(
        self, settlements: Listing[Settlement], now: datetime, turns: Listing[Change] = (), *, is_late: bool = False
    ) -> Settled:
        """Write what became of claimed records; complete the accepted ones and activate what comes next, at once.

        `turns` are those that these records end, and how their lanes go on. `is_late`: their lease may have ended
        meanwhile; one that became unknown for that, and nothing more, is as if it had not.
        One transaction: either all of it stands or none. A record that is no longer this worker's is left alone and
        counted as stale; what the provider answered is kept on its attempt all the same.
        """
        with self._store.transaction():
            self._store.hold_claimed(s.record_id for s in settlements)
            now = max(now, self._store.now())
            if is_late:
                self._take_back(settlements, now)
            self._finish_attempts(settlements, now)
            self._note_names(settlements, now)
            completed = set(self._move("complete", _rows(settlements, Complete, lambda _: {}), now))
            failed = self._move("fail", _rows(settlements, Fail, _reason), now)
            skipped = self._move("pass_over", _rows(settlements, Skip, _reason), now)
            counts = Counter(sent=len(completed), failed=len(failed), skipped=len(skipped))
            refused = [pair for s in settlements if (pair := _refused(s)) is not None]
            rests = self._cold.rests([pair.sender_id for pair in refused], now) if refused else {}
            for name, statement, rows in _other_moves(settlements, rests, now):
                counts[name] += len(self._move(statement, rows, now))
            counts[STALE] = len(settlements) - counts.total()
            late = self._store.complete_accepted(
                {s.record_id for s in settlements} - {*completed, *failed, *skipped}, now
            )
            counts["sent"] += len(late)
            self._note_retries(settlements, now)
            self._spread(settlements, now)
            gone = completed.union(late)
            self._move_calendars([s for s in settlements if s.record_id in gone], now)
            self._store.events.of_records(EventType.RECORD_COMPLETED, [*completed], now)
            self._store.events.of_records(EventType.RECORD_FAILED, failed, now)
            spaced = {s.record_id for s in settlements if _is_spaced(s, now)}.difference(late)
            self._store.go_on([*completed, *late, *failed, *skipped], now, spaced)
            if refused:
                self._lanes.lock([*rests, *(turn.lane.sender_id for turn in turns)])
                self._cold.refuse(refused, rests, now)
            self._lift_reply_only(settlements, now)
            if turns:
                self._lanes.end_turns(self._worker, turns, now)
            if accounts := _accounts(settlements, now):
                self._lanes.rest_accounts(accounts, now)
        frees = any(turn.lane.free_at <= now for turn in turns)
        return Settled(counts, frees_a_lane=frees)

    def _take_back(self, settlements: Listing[Settlement], now: datetime) -> None:
        records = {str(s.record_id): {"attempt": s.claimed.facts.attempt} for s in settlements}
        self._database.change("take_back", records=records, worker=self._worker, now=now)

    def _note_names(self, settlements: Listing[Settlement], now: datetime) -> None:
        """Keep what providers call people, and messages, where what comes back names nothing else."""
        sent = [
            (s.claimed.channel, s.provider_id, s.record_id)
            for s in settlements
            if s.provider_id is not None and s.claimed.channel in self._receipts_by_id
        ]
        if sent:
            self._identities.note_sent(sent)
        names = {
            Identity(s.claimed.channel, value=alias): s.claimed.facts.lead.id
            for s in settlements
            for alias in s.aliases
        }
        if names:
            self._identities.learn(names, now)

    def _lift_reply_only(self, settlements: Listing[Settlement], now: datetime) -> None:
        """Let senders write to new contacts again whose message to one was accepted."""
        accepted = {
            s.claimed.sender_id
            for s in settlements
            if s.claimed.is_cold and s.claimed.sender_id is not None and isinstance(s.consequence, Complete)
        }
        if accepted:
            self._cold.lift(accepted, now)

    def _move(self, statement: str, records: dict[str, Fields], now: datetime) -> list[int]:
        if not records:
            return []
        return [row["id"] for row in self._database.run(statement, records=records, worker=self._worker, now=now)]

    def _move_calendars(self, completed: Iterable[Settlement], now: datetime) -> None:
        late = {
            s.claimed.enrollment_id: Late(s.claimed.facts.position, by=by)
            for s in completed
            if now > s.claimed.calendar_time
            and (by := moves_by(s.claimed.policy, s.claimed.calendar_time, now, s.claimed.wait_after)) > timedelta(0)
        }
        if late:
            self._store.spacing.move(late, now)

    def _note_retries(self, settlements: Listing[Settlement], now: datetime) -> None:
        retries = {
            str(s.record_id): {
                "delay": s.consequence.delay // SECOND,
                **stored(s.consequence.reason),
            }
            for s in settlements
            if isinstance(s.consequence, Retry)
        }
        if retries:
            self._database.change("note_moves", records=retries, now=now)

    def _spread(self, settlements: Listing[Settlement], now: datetime) -> None:
        """Write what reaches beyond the record: suppressed addresses, paused steps, conversations, leads that left."""
        suppressed = {
            s.claimed.facts.to: stored(s.consequence.reason)
            for s in settlements
            if isinstance(s.consequence, Fail) and s.consequence.suppress and s.claimed.facts.to
        }
        if suppressed:
            self._database.change("suppress", addresses=suppressed, whole_person=0, now=now)
        paused = {
            str(s.claimed.step_id): stored(s.consequence.reason)
            for s in settlements
            if isinstance(s.consequence, PauseStep)
        }
        if paused:
            self._database.change("pause_steps", steps=paused)
        for channel, addresses in _closed(settlements).items():
            self._conversations.close(channel, addresses)
        self._store.leave({s.claimed.enrollment_id: reason for s in settlements if (reason := _leaving(s))}, now)

    def _finish_attempts(self, settlements: Listing[Settlement], now: datetime) -> None:
        answers = [s.as_answer() for s in settlements]
        self._database.change("finish_attempts", answers=answers, worker=self._worker, now=now)


def _is_spaced(settlement: Settlement, now: datetime) -> bool:
    """Return whether nothing can come too soon after a record: only where late ones are skipped its calendar stands."""
    claimed = settlement.claimed
    return claimed.policy.when_late is not WhenLate.SKIP or claimed.calendar_time >= now


def _other_moves(
    settlements: Listing[Settlement], rests: Mapping[int, datetime], now: datetime
) -> Iterator[tuple[str, str, dict[str, Fields]]]:
    """Yield how each move is counted, the statement that makes it, and the records it moves."""
    stay: Fields = {"delay": -1, "burned": 0}
    yield "retried", "release", _rows(settlements, Retry, _retry)
    yield "held", "release", _rows(settlements, HoldSender, lambda hold: _reason(hold) | stay)
    yield "held", "release", _cold_rows(settlements, rests, now)
    yield "held_steps", "release", _rows(settlements, PauseStep, lambda pause: _reason(pause) | stay)
    yield "handed_back", "release", _rows(settlements, HandBack, lambda back: _reason(back) | stay)
    yield "unknown", "lose", _rows(settlements, Lose, lambda lost: _reason(lost) | {"delay": lost.delay // SECOND})
    yield "cancelled", "cancel_claimed", _rows(settlements, Cancel, _reason)


def _rows(settlements: Listing[Settlement], kind: type[Moved], fields: Callable[[Moved], Fields]) -> dict[str, Fields]:
    """Return the records whose consequence is of a kind, keyed by id, with their token and the kind's own fields."""
    return {
        str(s.record_id): {"attempt": s.claimed.facts.attempt} | fields(s.consequence)
        for s in settlements
        if isinstance(s.consequence, kind)
    }


def _cold_rows(settlements: Listing[Settlement], rests: Mapping[int, datetime], now: datetime) -> dict[str, Fields]:
    """Return the records that wait until their sender may write to strangers again, as if they had not been tried."""
    rows: dict[str, Fields] = {}
    for s in settlements:
        if isinstance(s.consequence, HoldCold):
            until = rests.get(s.claimed.sender_id or 0) or s.consequence.until or now + COLD_FIRST
            rows[str(s.record_id)] = {
                "attempt": s.claimed.facts.attempt,
                "delay": (until - now) // SECOND,
                "burned": 0,
                **stored(s.consequence.reason),
            }
    return rows


def _refused(settlement: Settlement) -> Pair | None:
    """Return which person a sender was not let write to."""
    claimed = settlement.claimed
    if not isinstance(settlement.consequence, HoldCold) or claimed.sender_id is None or claimed.facts.to is None:
        return None
    return Pair(claimed.sender_id, channel=claimed.channel, account=claimed.facts.account, address=claimed.facts.to)


def _reason(consequence: Fail | HoldSender | HandBack | PauseStep | Lose | Cancel | Skip) -> Fields:
    return stored(consequence.reason)


def _retry(retry: Retry) -> Fields:
    return {"delay": retry.delay // SECOND, "burned": 1, **stored(retry.reason)}


def _accounts(settlements: Listing[Settlement], now: datetime) -> dict[str, Fields]:
    """Return the channels whose provider asked the whole account to wait, with how long and why."""
    rests: dict[str, Fields] = {}
    for settlement in settlements:
        match settlement.consequence:
            case HoldSender(whole_account=True) as hold if settlement.claimed.sender_id is not None:
                until = hold.until or now + (hold.rest or BREAK_FIRST)
                rests[settlement.claimed.channel] = {"rest": (until - now) // SECOND, **stored(hold.reason)}
            case _:
                continue
    return rests


def _closed(settlements: Listing[Settlement]) -> dict[str, set[str]]:
    """Return, by channel, the addresses of those who wrote too long ago, as their provider says."""
    closed: dict[str, set[str]] = {}
    for s in settlements:
        if isinstance(s.consequence, Retry) and s.consequence.closes_conversation and s.claimed.facts.to:
            closed.setdefault(s.claimed.channel, set()).add(s.claimed.facts.to)
    return closed


def _leaving(settlement: Settlement) -> Reason | None:
    match settlement.consequence:
        case Cancel(reason) | Fail(reason, ends_enrollment=True):
            return reason
        case _:
            return None
