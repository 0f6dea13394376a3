"""What lists show: a row of each, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dripline.core.explain import words_or_none
from dripline.core.leads.lead import Lead
from dripline.core.reason import ReasonCode, code_of, facts_of
from dripline.core.records.expected import Expected, Obstacle
from dripline.core.records.unknown import Resolution, Settlement
from dripline.core.records.why import Move
from dripline.core.states import Status
from dripline.store.database.database import Row, instant, instant_or_none
from dripline.store.queries.reads import Attempt, attempt_of
from dripline.store.reasons import reason_in, reason_of

LAST = datetime.max.replace(tzinfo=UTC)
"""Later than anything is expected."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose something is: a lead, as far as lists name it."""

    lead_id: int
    name: str = field(kw_only=True)
    phone: str | None = field(kw_only=True)
    email: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Result:
    """How the last step of a lead that ended did: when, and why if it was not accepted."""

    status: Status
    at: datetime = field(kw_only=True)
    reason: str | None = field(kw_only=True)
    reason_code: ReasonCode | None = field(kw_only=True)
    reason_facts: Mapping[str, object] = field(kw_only=True, hash=False)


@dataclass(frozen=True, slots=True)
class ListedLead:
    """A lead in a list.

    `next_send_at`: when its next message is expected to go, None where none goes by itself; `waits_for` says what it
    waits for, the longest first. `barred`: why nothing is sent to it.
    """

    person: Person
    created_at: datetime = field(kw_only=True)
    triggers: tuple[str, ...] = field(kw_only=True)
    sequences: tuple[str, ...] = field(kw_only=True)
    next_send_at: datetime | None = field(kw_only=True)
    waits_for: tuple[Obstacle, ...] = field(default=(), kw_only=True)
    last_result: Result | None = field(kw_only=True)
    barred: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A step record in a list. `hour_at`: when it was accepted or ended, else when it is due.

    `expected_at`: when an open record will really go, as things stand; None for one that has ended, and for one that
    does not go by itself. `waits_for`: what it waits for besides its time, the longest first.
    """

    id: int
    enrollment_id: int = field(kw_only=True)
    person: Person = field(kw_only=True)
    sequence: str = field(kw_only=True)
    version: int = field(kw_only=True)
    step: int = field(kw_only=True)
    status: Status = field(kw_only=True)
    next_trigger_time: datetime = field(kw_only=True)
    planned_time: datetime = field(kw_only=True)
    completed_at: datetime | None = field(kw_only=True)
    ended_at: datetime | None = field(kw_only=True)
    reason: str | None = field(kw_only=True)
    reason_code: ReasonCode | None = field(kw_only=True)
    reason_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    attempts: int = field(kw_only=True)
    failures: int = field(kw_only=True)
    sender: str | None = field(kw_only=True)
    expected_at: datetime | None = field(default=None, kw_only=True)
    waits_for: tuple[Obstacle, ...] = field(default=(), kw_only=True)

    @property
    def is_over(self) -> bool:
        """Whether it was accepted or ended in another way."""
        return self.completed_at is not None or self.ended_at is not None

    @property
    def hour_at(self) -> datetime:
        """When it was accepted or ended, else when it is due."""
        return self.completed_at or self.ended_at or self.next_trigger_time


@dataclass(frozen=True, slots=True)
class StandsAt:
    """Where a live enrollment stands: at which record, when that is due, and when it is expected to go."""

    record_id: int
    step: int = field(kw_only=True)
    status: Status = field(kw_only=True)
    next_trigger_time: datetime = field(kw_only=True)
    expected_at: datetime | None = field(default=None, kw_only=True)
    waits_for: tuple[Obstacle, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class ListedEnrollment:
    """An enrollment in a list. `stands` is None once it has ended; `steps`: how many its version has."""

    id: int
    person: Person = field(kw_only=True)
    sequence: str = field(kw_only=True)
    version: int = field(kw_only=True)
    steps: int = field(kw_only=True)
    enrolled_at: datetime = field(kw_only=True)
    ended_at: datetime | None = field(kw_only=True)
    end_reason: str | None = field(kw_only=True)
    end_code: ReasonCode | None = field(kw_only=True)
    end_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    pause_reason: str | None = field(kw_only=True)
    pause_code: ReasonCode | None = field(kw_only=True)
    pause_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    stands: StandsAt | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ListedAttempt:
    """A try in a list, with the record that it was at. `status` is the record's now."""

    attempt: Attempt
    person: Person = field(kw_only=True)
    sequence: str = field(kw_only=True)
    step: int = field(kw_only=True)
    status: Status = field(kw_only=True)
    sender: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """Everything about one record: `why` it stands where it stands, the words of its step, its tries and moves.

    `settlements`: as what it was settled while it was unknown. `zone` is where its lead is.
    """

    record: ListedRecord
    lead: Lead = field(kw_only=True)
    message: str = field(kw_only=True)
    subject: str | None = field(kw_only=True)
    why: str = field(kw_only=True)
    attempts: tuple[Attempt, ...] = field(kw_only=True)
    moves: tuple[Move, ...] = field(kw_only=True)
    settlements: tuple[Settlement, ...] = field(default=(), kw_only=True)
    zone: str = field(default="UTC", kw_only=True)


@dataclass(frozen=True, slots=True)
class EnrollmentDetail:
    """One enrollment, and its records in step order."""

    enrollment: ListedEnrollment
    records: tuple[ListedRecord, ...] = field(kw_only=True)


def person_of(row: Row, id_column: str = "lead_id") -> Person:
    """Read whose a row is."""
    return Person(row[id_column], name=row["name"], phone=row["phone"], email=row["email"])


def listed_lead(
    row: Row, triggers: Iterable[Row], standing: Iterable[Row], expected: Mapping[int, Expected]
) -> ListedLead:
    """Read a lead with its triggers, the records of its enrollments, and what is expected of those."""
    records = list(standing)
    over = [_result(record) for record in records if record["over_at"] is not None]
    live = [record for record in records if record["is_live"]]
    to_come = [expected[record["id"]] for record in live if record["id"] in expected]
    goes = [one for one in to_come if one.at is not None]
    first = min(goes, key=lambda one: one.at or LAST, default=next(iter(to_come), None))
    return ListedLead(
        person_of(row, "id"),
        created_at=instant(row["created_at"]),
        triggers=tuple(trigger["trigger"] for trigger in triggers),
        sequences=tuple(dict.fromkeys(record["sequence"] for record in live)),
        next_send_at=None if first is None else first.at,
        waits_for=() if first is None else first.waits_for,
        last_result=max(over, key=lambda result: result.at, default=None),
        barred=words_or_none(reason_in(row["barred"])),
    )


def _result(row: Row) -> Result:
    reason = reason_of(row)
    return Result(
        Status(row["status"]),
        at=instant(row["over_at"]),
        reason=words_or_none(reason),
        reason_code=code_of(reason),
        reason_facts=facts_of(reason),
    )


def listed_record(row: Row) -> ListedRecord:
    """Read a record."""
    reason = reason_of(row)
    return ListedRecord(
        row["id"],
        enrollment_id=row["enrollment_id"],
        person=person_of(row),
        sequence=row["sequence"],
        version=row["version"],
        step=row["current_step"],
        status=Status(row["status"]),
        next_trigger_time=instant(row["next_trigger_time"]),
        planned_time=instant(row["planned_time"]),
        completed_at=instant_or_none(row["completed_at"]),
        ended_at=instant_or_none(row["ended_at"]),
        reason=words_or_none(reason),
        reason_code=code_of(reason),
        reason_facts=facts_of(reason),
        attempts=row["attempt"],
        failures=row["failures"],
        sender=row["sender"],
    )


def listed_enrollment(row: Row, expected: Mapping[int, Expected]) -> ListedEnrollment:
    """Read an enrollment, with what is expected of the record at which it stands."""
    stands = row["ended_at"] is None and row["record_id"] is not None
    end, pause = reason_of(row, "end"), reason_of(row, "pause")
    return ListedEnrollment(
        row["id"],
        person=person_of(row),
        sequence=row["sequence"],
        version=row["version"],
        steps=row["steps"],
        enrolled_at=instant(row["enrolled_at"]),
        ended_at=instant_or_none(row["ended_at"]),
        end_reason=words_or_none(end),
        end_code=code_of(end),
        end_facts=facts_of(end),
        pause_reason=words_or_none(pause),
        pause_code=code_of(pause),
        pause_facts=facts_of(pause),
        stands=_standing(row, expected) if stands else None,
    )


def listed_attempt(row: Row) -> ListedAttempt:
    """Read a try."""
    return ListedAttempt(
        attempt_of(row),
        person=person_of(row),
        sequence=row["sequence"],
        step=row["current_step"],
        status=Status(row["status"]),
        sender=row["sender"],
    )


def settlement_of(row: Row) -> Settlement:
    """Read as what a record was settled."""
    return Settlement(
        Resolution(row["resolution"]),
        attempt=row["attempt"],
        at=instant(row["settled_at"]),
        by=row["settled_by"],
        proof=row["proof"],
    )


def _standing(row: Row, forecasts: Mapping[int, Expected]) -> StandsAt:
    expected = forecasts.get(row["record_id"])
    return StandsAt(
        row["record_id"],
        step=row["current_step"],
        status=Status(row["status"]),
        next_trigger_time=instant(row["next_trigger_time"]),
        expected_at=None if expected is None else expected.at,
        waits_for=() if expected is None else expected.waits_for,
    )
