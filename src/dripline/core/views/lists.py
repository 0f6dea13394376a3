"""What lists show: a row of each list, and one record or enrollment with all that belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.leads.lead import Lead
from dripline.core.reason import ReasonCode
from dripline.core.records.expected import Obstacle
from dripline.core.records.unknown import Settlement
from dripline.core.records.why import TimeChange
from dripline.core.states import Status
from dripline.core.views.person import Person
from dripline.core.views.timeline import Attempt


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
    moves: tuple[TimeChange, ...] = field(kw_only=True)
    settlements: tuple[Settlement, ...] = field(default=(), kw_only=True)
    zone: str = field(default="UTC", kw_only=True)


@dataclass(frozen=True, slots=True)
class EnrollmentDetail:
    """One enrollment, and its records in step order."""

    enrollment: ListedEnrollment
    records: tuple[ListedRecord, ...] = field(kw_only=True)
