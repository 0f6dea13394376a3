"""One lead's thread, a page at a time: what it wrote is read by the page, the few other facts whole."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypedDict

from dripline.core.events.inbound import MessageKind
from dripline.core.explain import words_or_none
from dripline.core.leads.lead import Lead
from dripline.core.queries.listing import Cursor, Position, SortOrder, read_cursor, written_cursor
from dripline.core.reason import Reason, ReasonCode, code_of, facts_of
from dripline.core.records.record import StepRecord
from dripline.core.records.why import Around, DeliveryReport
from dripline.core.replies.message_class import MessageClass
from dripline.core.sequences.sequence import Step
from dripline.core.states import Status
from dripline.core.views.thread import EntryKind, Happening, LeadThread, MessageState, ThreadEntry
from dripline.core.views.timeline import Enrollment, Timeline
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.reasons import reason_of
from dripline.store.sequences.publishing import read_versions

_ORDER = SortOrder("thread", datetime, ties=(int, int), goes_down=True)

_LATEST = Position(datetime.fromisoformat("8999-12-31T00:00Z"), ties=(0, 0))
"""After every entry."""

_EVERY = 2**62
"""Above every id."""

_WROTE, _SUPPRESSION, _TRIGGER, _BEGUN, _SENT, _PAUSE, _DEED, _ENDED = range(8)
"""What comes first of one instant: what the lead wrote, and then what that led to."""

_WENT = {
    Status.COMPLETED: MessageState.SENT,
    Status.FAILED: MessageState.FAILED,
    Status.SKIPPED: MessageState.SKIPPED,
    Status.UNKNOWN: MessageState.UNKNOWN,
}
_GOES = {Status.SENDING: MessageState.SENDING, Status.PAUSED: MessageState.PAUSED}
_DEEDS = {"resume": Happening.RESUMED, "opt_in": Happening.ALLOWED}

Placed = tuple[Position, ThreadEntry]


class _Why(TypedDict):
    """A reason as an entry has it."""

    reason: str | None
    reason_code: ReasonCode | None
    reason_facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Run:
    """What an enrollment is of."""

    sequence: str
    channel: str = field(kw_only=True)


class Threads:
    """Reads threads, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, timeline: Timeline, cursor: str | None, size: int, now: datetime) -> LeadThread:
        """Return a page of the thread of a lead, of which the timeline is given. Inside a snapshot.

        Raises:
            InvalidFilter: The cursor is none of a thread.
        """
        before = _LATEST if cursor is None else read_cursor(_ORDER, cursor).position
        lead = timeline.lead
        runs = {row["id"]: _run(row) for row in self._database.run("runs_of_thread", lead_id=lead.id)}
        every = [*self._written(lead, before, size + 1), *_sent(timeline, runs), *self._happened(timeline)]
        found = sorted((one for one in every if _order(one[0]) < _order(before)), key=lambda one: _order(one[0]))
        page = found[-size:]
        return LeadThread(
            lead,
            zone=timeline.zone,
            entries=tuple(entry for _, entry in page),
            planned=tuple(_planned(timeline, runs, now)) if cursor is None else (),
            earlier=_written(page[0][0]) if len(found) > size else None,
            is_suppressed=bool(self._suppressions(lead)),
        )

    def steps(self, lead: Lead) -> dict[int, tuple[Step, ...]]:
        """Return the steps that a lead's enrollments have, by enrollment: those of their versions."""
        rows = self._database.run("runs_of_thread", lead_id=lead.id)
        versions: dict[int, set[int]] = {}
        for row in rows:
            versions.setdefault(row["sequence_id"], set()).add(row["version"])
        steps = {one: read_versions(self._database, one, which) for one, which in versions.items()}
        return {row["id"]: steps[row["sequence_id"]][row["version"]] for row in rows}

    def _written(self, lead: Lead, before: Position, page: int) -> Iterator[Placed]:
        rank, tie = before.ties
        below = tie if rank == _WROTE else _EVERY
        rows = self._database.run("messages_of_lead", lead_id=lead.id, before=before.key, below=below, page=page)
        for row in rows:
            yield _place(instant(row["at"]), _WROTE, row["id"]), _wrote(row)

    def _suppressions(self, lead: Lead) -> list[Row]:
        return self._database.run("suppressions_of_lead", lead_id=lead.id)

    def _happened(self, timeline: Timeline) -> Iterator[Placed]:
        lead = timeline.lead
        for number, (trigger, at) in enumerate(timeline.triggers):
            entry = ThreadEntry(EntryKind.HAPPENED, at=at, what=Happening.GAINED_TRIGGER, trigger=trigger)
            yield _place(at, _TRIGGER, number), entry
        for enrollment in timeline.enrollments:
            yield from _of_enrollment(enrollment)
        for row in self._database.run("pauses_of_lead", lead_id=lead.id):
            at, reason = instant(row["paused_at"]), reason_of(row, "pause")
            yield _place(at, _PAUSE, row["id"]), _happening(at, Happening.PAUSED, reason, sequence=row["sequence"])
        for row in self._database.run("deeds_of_thread", lead_id=lead.id):
            at = instant(row["at"])
            entry = ThreadEntry(EntryKind.HAPPENED, at=at, what=_DEEDS[row["deed"]], by=row["actor"])
            yield _place(at, _DEED, row["id"]), entry
        for row in self._suppressions(lead)[:1]:
            at = instant(row["suppressed_at"])
            yield _place(at, _SUPPRESSION, 0), _happening(at, Happening.UNSUBSCRIBED, reason_of(row))


def _written(position: Position) -> str:
    return written_cursor(_ORDER, Cursor(position, is_forward=True))


def _place(at: datetime, rank: int, tie: int) -> Position:
    return Position(at, ties=(rank, tie))


def _order(position: Position) -> tuple[object, ...]:
    return (position.key, *position.ties)


def _run(row: Row) -> _Run:
    return _Run(row["sequence"], channel=row["channel"])


def _wrote(row: Row) -> ThreadEntry:
    return ThreadEntry(
        EntryKind.WROTE,
        at=instant(row["at"]),
        text=row["text"],
        channel=row["channel"],
        message_id=row["id"],
        message_kind=MessageKind(row["kind"]),
        message_class=MessageClass(row["class"]),
        handled_at=instant_or_none(row["handled_at"]),
        handled_by=row["handled_by"],
        **_why(reason_of(row)),
    )


def _of_enrollment(enrollment: Enrollment) -> Iterator[Placed]:
    begun, ended = enrollment.enrolled_at, enrollment.ended_at
    yield _place(begun, _BEGUN, enrollment.id), _happening(begun, Happening.ENROLLED, None, enrollment.sequence)
    if ended is not None and enrollment.end_code is not None and enrollment.end_code is not ReasonCode.VERSION_MOVED:
        reason = Reason(enrollment.end_code, enrollment.end_facts)
        yield _place(ended, _ENDED, enrollment.id), _happening(ended, Happening.ENDED, reason, enrollment.sequence)


def _happening(at: datetime, what: Happening, reason: Reason | None, sequence: str | None = None) -> ThreadEntry:
    return ThreadEntry(EntryKind.HAPPENED, at=at, what=what, sequence=sequence, **_why(reason))


def _why(reason: Reason | None) -> _Why:
    return {"reason": words_or_none(reason), "reason_code": code_of(reason), "reason_facts": facts_of(reason)}


def _sent(timeline: Timeline, runs: Mapping[int, _Run]) -> Iterator[Placed]:
    """Yield the messages that went, or did not and never will; what was cancelled with its run is told by its end."""
    texts = {one.record_id: one.text for one in timeline.attempts}
    for record in timeline.records:
        if record.status not in _WENT:
            continue
        at = record.completed_at or record.ended_at or record.next_trigger_time
        message = _message(EntryKind.SENT, record, runs, timeline)
        entry = replace(message, at=at, text=texts.get(record.id), state=_WENT[record.status])
        yield _place(at, _SENT, record.id), _as_received(entry, timeline.around.get(record.id, Around()).delivery)


def _as_received(entry: ThreadEntry, delivery: DeliveryReport | None) -> ThreadEntry:
    """Return a message with what its provider told of it since."""
    if delivery is None or entry.state is not MessageState.SENT:
        return entry
    state = MessageState(delivery.state)
    reason = delivery.error if state is MessageState.FAILED else None
    return replace(entry, state=state, state_at=delivery.at, reason=reason or entry.reason)


def _planned(timeline: Timeline, runs: Mapping[int, _Run], now: datetime) -> Iterable[ThreadEntry]:
    """Return what is yet to go, in the order in which that is expected; what waits for a person last."""
    entries = [
        replace(
            _message(EntryKind.PLANNED, record, runs, timeline),
            at=timeline.expected(record).at,
            planned_at=record.next_trigger_time,
            state=_GOES.get(record.status, MessageState.WAITING),
            reason=timeline.why(record, now),
        )
        for record in timeline.records
        if record.completed_at is None and record.ended_at is None and record.status not in _WENT
    ]
    return sorted(entries, key=lambda entry: (entry.at is None, entry.at or entry.planned_at or now))


def _message(kind: EntryKind, record: StepRecord, runs: Mapping[int, _Run], timeline: Timeline) -> ThreadEntry:
    run = runs[record.enrollment_id]
    return ThreadEntry(
        kind,
        at=None,
        channel=run.channel,
        sender=timeline.around.get(record.id, Around()).sender,
        sequence=run.sequence,
        step=record.current_step,
        enrollment_id=record.enrollment_id,
        record_id=record.id,
        reason=record.reason,
        reason_code=record.reason_code,
        reason_facts=record.reason_facts,
    )
