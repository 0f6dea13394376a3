"""Settling: what became of claimed records is written in one transaction that checks that they are still ours."""

from collections import Counter
from collections.abc import Callable, Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.decide import Cancel
from dripline.core.outcome import Complete, Consequence, Fail, HoldSender, Lose, PauseStep, Retry
from dripline.core.schedule import lateness
from dripline.store.connect import Database
from dripline.store.store import SECOND, Claimed, Store

STALE = "stale"
"""Counted for a record that was no longer this worker's when it settled: its lease ended, nothing was written to it."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one claimed record: what was answered, and what that leads to."""

    claimed: Claimed
    outcome: str = field(kw_only=True)
    consequence: Consequence | Cancel = field(kw_only=True)
    provider_id: str | None = field(default=None, kw_only=True)
    error: str | None = field(default=None, kw_only=True)
    text: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many records moved where, and which next records are due already."""

    counts: Counter[str]
    overdue: list[int] = field(kw_only=True)


Row = dict[str, object]


class Settler:
    """Writes settlements for one worker."""

    def __init__(self, database: Database, store: Store, worker: str) -> None:
        self._database = database
        self._store = store
        self._worker = worker

    def settle(self, settlements: Listing[Settlement], now: datetime) -> Settled:
        """Write what became of claimed records; complete the accepted ones and activate what comes next, at once.

        One transaction: either all of it stands or none. A record that is no longer this worker's is left alone and
        counted as stale; what the provider answered is kept on its attempt all the same.
        """
        counts: Counter[str] = Counter()
        with self._database.transaction():
            self._finish_attempts(settlements, now)
            ended = self._move("complete", _of(settlements, Complete), lambda _: {}, now)
            ended += self._complete_late(_of(settlements, Complete), ended, now)
            counts["sent"] = len(ended)
            self._move_calendars([s for s in settlements if s.claimed.facts.record_id in set(ended)], now)
            failed = self._move("fail", _of(settlements, Fail), _reason, now)
            counts["failed"] = len(failed)
            for name, statement, kinds, row in _MOVES:
                counts[name] = len(self._move(statement, _of(settlements, *kinds), row, now))
            counts[STALE] = len(settlements) - counts.total()
            self._spread(settlements, now)
            return Settled(counts, overdue=self._store.go_on(ended + failed, now))

    def _move(
        self, statement: str, settlements: Listing[Settlement], row: Callable[[Settlement], Row], now: datetime
    ) -> list[int]:
        if not settlements:
            return []
        records = {str(s.claimed.facts.record_id): {"attempt": s.claimed.facts.attempt} | row(s) for s in settlements}
        return [row["id"] for row in self._database.run(statement, records=records, worker=self._worker, now=now)]

    def _complete_late(self, accepted: Listing[Settlement], done: Listing[int], now: datetime) -> list[int]:
        if len(done) == len(accepted):
            return []
        left = {
            str(s.claimed.facts.record_id): {"attempt": s.claimed.facts.attempt}
            for s in accepted
            if s.claimed.facts.record_id not in set(done)
        }
        return [row["id"] for row in self._database.run("complete_late", records=left, now=now)]

    def _move_calendars(self, completed: Listing[Settlement], now: datetime) -> None:
        late = {
            str(s.claimed.enrollment_id): {"seconds": by // SECOND}
            for s in completed
            if (by := lateness(s.claimed.calendar_time, now)) > timedelta(0)
        }
        if late:
            self._database.change("move_calendars", moves=late)
            self._database.change("move_records", moves=late)

    def _spread(self, settlements: Listing[Settlement], now: datetime) -> None:
        """Write what reaches beyond the record itself: barred addresses, paused steps, leads that left."""
        barred = {
            s.claimed.facts.to: {"reason": s.consequence.reason}
            for s in settlements
            if isinstance(s.consequence, Fail) and s.consequence.suppress and s.claimed.facts.to
        }
        if barred:
            self._database.change("suppress", addresses=barred, now=now)
        paused = {
            str(s.claimed.step_id): {"reason": s.consequence.reason}
            for s in settlements
            if isinstance(s.consequence, PauseStep)
        }
        if paused:
            self._database.change("pause_steps", steps=paused)
        self._store.leave({s.claimed.enrollment_id: reason for s in settlements if (reason := _leaving(s))}, now)

    def _finish_attempts(self, settlements: Listing[Settlement], now: datetime) -> None:
        attempts = {
            str(s.claimed.facts.record_id): {
                "attempt": s.claimed.facts.attempt,
                "outcome": s.outcome,
                "provider_id": s.provider_id,
                "error": s.error,
                "text": s.text,
            }
            for s in settlements
        }
        self._database.change("finish_attempts", attempts=attempts, now=now)


def _of(settlements: Listing[Settlement], *kinds: type[Consequence | Cancel]) -> list[Settlement]:
    return [settlement for settlement in settlements if isinstance(settlement.consequence, kinds)]


def _leaving(settlement: Settlement) -> str | None:
    match settlement.consequence:
        case Cancel(reason) | Fail(reason, ends_enrollment=True):
            return reason
        case _:
            return None


def _reason(settlement: Settlement) -> Row:
    return {"reason": settlement.consequence.reason}


def _retry(settlement: Settlement) -> Row:
    consequence = settlement.consequence
    assert isinstance(consequence, Retry)
    return {"delay": consequence.delay // SECOND, "burned": int(consequence.burned), "reason": consequence.reason}


def _stay(settlement: Settlement) -> Row:
    return _reason(settlement) | {"delay": -1, "burned": 0}


def _hold(settlement: Settlement) -> Row:
    consequence = settlement.consequence
    assert isinstance(consequence, Lose)
    return {"reason": consequence.reason, "delay": consequence.delay // SECOND}


_MOVES: tuple[tuple[str, str, tuple[type[Consequence | Cancel], ...], Callable[[Settlement], Row]], ...] = (
    ("retried", "release", (Retry,), _retry),
    ("held", "release", (HoldSender, PauseStep), _stay),
    ("unknown", "lose", (Lose,), _hold),
    ("cancelled", "cancel_claimed", (Cancel,), _reason),
)
