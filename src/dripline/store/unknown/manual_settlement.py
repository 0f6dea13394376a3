"""What a person decides of unknown records: one, many or all that a filter finds, in batches while sending goes on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from dripline.core.events.event import EventType
from dripline.core.records.unknown import (
    Effect,
    Resolution,
    Settled,
    Subject,
    UnknownFilter,
    Unsettled,
    effect_of,
    settled_as,
    unsettled,
)
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store, keys
from dripline.store.restored import suspect_all
from dripline.store.unknown.unknown_filter import ResolvedFilter, UnknownQueries

SETTLED_AT_ONCE = 500
"""How many unknown records are settled in one transaction."""

BY_A_PERSON = "confirmed by a person"
"""What stands in place of the provider's id where nobody knows it."""

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Is called with how many records are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """As what a record is settled, of which try that is known, and by which proof, if that is not a person's word."""

    record_id: int
    attempt: int = field(kw_only=True)
    resolution: Resolution = field(kw_only=True)
    provider_id: str | None = field(default=None, kw_only=True)
    proof: str | None = field(default=None, kw_only=True)


class ManualSettlement:
    """Decides for a person, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._asking = UnknownQueries(database)

    def suspect_all(self, since: datetime | None) -> int:
        """Leave everything unknown that may have gone since a backup that was put back; returns how many wait now."""
        with self._store.transaction():
            return suspect_all(self._database, since, self._store.now())

    def check(self, wanted: UnknownFilter) -> ResolvedFilter:
        """Look up what a filter names; what is not there is refused."""
        return self._asking.check(wanted)

    def plan(self, resolution: Resolution, wanted: UnknownFilter, now: datetime) -> Settled:
        """Say what settling all records that a filter finds would do."""
        asked = self._asking.check(wanted)
        total = Settled()
        for batch in in_batches(list(self._asking.find(asked).items())):
            planned = self.planned({record: _word(record, tried, resolution) for record, tried in batch})
            if resolution is not Resolution.RESEND:
                behind = self._asking.next_suspected([subject.record_id for subject, _ in planned[0]], asked, now)
                planned[0].extend((one, _EFFECT[resolution]) for one in self._asking.subjects(behind))
            total += settled_as(*planned)
        return total

    def settle(
        self, resolution: Resolution, wanted: UnknownFilter, by: str, limit: int | None, on_progress: Progress
    ) -> Settled:
        """Settle all records that a filter finds now, at most so many.

        What becomes unknown while this goes on is nobody's answer and stays as it is, but what may have gone before a
        backup was put back and is next behind a record that is settled.
        """
        asked = self._asking.check(wanted)
        found = list(self._asking.find(asked).items())[:limit]
        total, done = Settled(), 0
        for batch in in_batches(found):
            verdicts = [_word(record, tried, resolution) for record, tried in batch]
            total += self._store.together(lambda verdicts=verdicts: self._settled_with_next(verdicts, asked, by))
            done += len(batch)
            on_progress(done, len(found))
            if done < len(found):
                self._store.give_way()
        return total

    def plan_one(self, record_id: int, resolution: Resolution) -> Settled:
        """Say what settling one record would do."""
        tried = {subject.record_id: subject.attempt for subject in self._asking.subjects([record_id])}
        return settled_as(*self.planned({record_id: _word(record_id, tried.get(record_id, 0), resolution)}))

    def settle_one(self, record_id: int, resolution: Resolution, by: str) -> Settled:
        """Settle one record, of whichever try it is unknown."""
        with self._store.transaction():
            tried = {subject.record_id: subject.attempt for subject in self._asking.subjects([record_id])}
            return settled_as(*self.settle_batch([_word(record_id, tried.get(record_id, 0), resolution)], by))

    def _settled_with_next(self, verdicts: Iterable[Verdict], asked: ResolvedFilter, by: str) -> Settled:
        total = Settled()
        while verdicts := list(verdicts):
            resolution = verdicts[0].resolution
            effects, remaining = self.settle_batch(verdicts, by)
            total += settled_as(effects, remaining)
            settled = [subject.record_id for subject, _ in effects]
            behind = (
                {} if resolution is Resolution.RESEND else self._asking.next_unknown(settled, asked, self._store.now())
            )
            verdicts = [_word(record, tried, resolution) for record, tried in behind.items()]
        return total

    def settle_batch(self, verdicts: Listing[Verdict], by: str) -> tuple[list[tuple[Subject, Effect]], list[Unsettled]]:
        """Settle records as verdicts say, as far as they are still what the verdicts are about.

        Returns what became of whom, and who was left. Call inside a transaction.
        """
        with self._store.transaction():
            self._store.hold_records(verdict.record_id for verdict in verdicts)
            now = self._store.now()
            asked = {verdict.record_id: verdict for verdict in verdicts}
            effects, remaining = self.planned(asked)
            done = {subject.record_id: effect for subject, effect in effects}
            by_resolution = {
                resolution: [asked[record] for record in done if asked[record].resolution is resolution]
                for resolution in Resolution
            }
            self._complete(by_resolution[Resolution.SENT], now)
            self._resend(by_resolution[Resolution.RESEND], now)
            self._skip(by_resolution[Resolution.SKIP], now)
            for resolution, its in by_resolution.items():
                self._note(its, resolution, by, now)
            return effects, remaining

    def planned(self, verdicts: Mapping[int, Verdict]) -> tuple[list[tuple[Subject, Effect]], list[Unsettled]]:
        """Say what becomes of records as they stand, for a preview and for the act alike."""
        effects: list[tuple[Subject, Effect]] = []
        remaining: list[Unsettled] = []
        for subject in self._asking.subjects(verdicts):
            verdict = verdicts[subject.record_id]
            effect = effect_of(verdict.resolution, subject, verdict.attempt)
            if isinstance(effect, Effect):
                effects.append((subject, effect))
            else:
                remaining.append(unsettled(subject, effect))
        found = {subject.record_id for subject, _ in effects} | {one.record_id for one in remaining}
        remaining += [Unsettled(record, reason="there is no such record") for record in verdicts if record not in found]
        return effects, remaining

    def _complete(self, verdicts: Listing[Verdict], now: datetime) -> None:
        if not verdicts:
            return
        proofs = [
            {"record": one.record_id, "attempt": one.attempt, "provider": one.provider_id or BY_A_PERSON}
            for one in verdicts
        ]
        self._database.change("accept_settled", proofs=proofs, now=now)
        rows = self._database.run("settle_as_sent", records=keys(one.record_id for one in verdicts), now=now)
        completed = [row["id"] for row in rows]
        assert len(completed) == len(verdicts), "an unknown record moved while its enrollment was locked"
        self._store.events.of_records(EventType.RECORD_COMPLETED, completed, now)
        self._store.go_on(completed, now)

    def _resend(self, verdicts: Listing[Verdict], now: datetime) -> None:
        if verdicts:
            records = keys(one.record_id for one in verdicts)
            due = self._database.run("settle_as_unsent", records=records, now=now)
            assert len(due) == len(verdicts), "an unknown record moved while its enrollment was locked"
            self._database.notify()

    def _skip(self, verdicts: Listing[Verdict], now: datetime) -> None:
        if verdicts:
            rows = self._database.run("settle_as_skipped", records=keys(one.record_id for one in verdicts), now=now)
            self._store.go_on([row["id"] for row in rows], now)

    def _note(self, verdicts: Listing[Verdict], resolution: Resolution, by: str, now: datetime) -> None:
        if verdicts:
            settled = [{"record": one.record_id, "attempt": one.attempt, "proof": one.proof} for one in verdicts]
            self._database.change("note_settled", settled=settled, settled_by=by, resolution=str(resolution), now=now)


def in_batches(each: Listing[T]) -> Iterator[Listing[T]]:
    """Yield as many at a time as are settled in one transaction."""
    return (each[start : start + SETTLED_AT_ONCE] for start in range(0, len(each), SETTLED_AT_ONCE))


_EFFECT = {Resolution.SENT: Effect.COMPLETED, Resolution.SKIP: Effect.SKIPPED, Resolution.RESEND: Effect.DUE_AGAIN}


def _word(record_id: int, attempt: int, resolution: Resolution) -> Verdict:
    return Verdict(record_id, attempt=attempt, resolution=resolution)
