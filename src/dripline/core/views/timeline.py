"""Everything about one lead, as it is shown: what it is in, its records, tries and notes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.enrollments.enrolling import ConditionResult
from dripline.core.leads.identity import Identity
from dripline.core.leads.lead import Lead
from dripline.core.leads.note import Note
from dripline.core.reason import ReasonCode
from dripline.core.records.expected import Expected
from dripline.core.records.record import StepRecord
from dripline.core.records.why import Around, by_clock_of, why


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one record: when, by whom, and what came of it (`outcome` is None while no answer is known).

    `delivery` is how far its message has come since, by the provider's receipts: sent, failed, delivered or read.
    """

    record_id: int
    number: int = field(kw_only=True)
    worker: str = field(kw_only=True)
    started_at: datetime = field(kw_only=True)
    finished_at: datetime | None = field(kw_only=True)
    outcome: str | None = field(kw_only=True)
    provider_id: str | None = field(kw_only=True)
    error: str | None = field(kw_only=True)
    text: str | None = field(kw_only=True)
    delivery: str | None = field(kw_only=True)
    delivery_at: datetime | None = field(kw_only=True)
    delivery_error: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One lead's run through one version of one sequence."""

    id: int
    sequence: str = field(kw_only=True)
    trigger: str = field(kw_only=True)
    version: int = field(kw_only=True)
    enrolled_at: datetime = field(kw_only=True)
    ended_at: datetime | None = field(kw_only=True)
    end_reason: str | None = field(kw_only=True)
    end_code: ReasonCode | None = field(kw_only=True)
    end_facts: Mapping[str, object] = field(kw_only=True, hash=False)


@dataclass(frozen=True, slots=True)
class NotEnrolled:
    """A sequence that a lead's trigger starts and in which it is not, and why."""

    sequence: str
    reason: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Candidacy:
    """A sequence, and what enrollment asks of a lead for it, condition by condition."""

    sequence: str
    is_live: bool = field(kw_only=True)
    answers: tuple[ConditionResult, ...] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything about one lead. `zone` is where it is: everything about it is shown by that one clock."""

    lead: Lead
    triggers: tuple[tuple[str, datetime], ...] = field(kw_only=True)
    enrollments: tuple[Enrollment, ...] = field(kw_only=True)
    records: tuple[StepRecord, ...] = field(kw_only=True)
    attempts: tuple[Attempt, ...] = field(kw_only=True)
    not_enrolled: tuple[NotEnrolled, ...] = field(kw_only=True)
    candidacies: tuple[Candidacy, ...] = field(kw_only=True)
    identities: tuple[Identity, ...] = field(default=(), kw_only=True)
    notes: tuple[Note, ...] = field(default=(), kw_only=True)
    around: Mapping[int, Around] = field(default_factory=dict[int, Around], kw_only=True, hash=False)
    zone: str = field(default="UTC", kw_only=True)

    def at(self, instant: datetime) -> str:
        """Write an instant by the lead's clock."""
        return by_clock_of(self.zone, instant)

    def expected(self, record: StepRecord) -> Expected:
        """Return when one of its open records is expected to go; nothing of one that has ended."""
        return self.around.get(record.id, Around()).expected or Expected(None)

    def why(self, record: StepRecord, now: datetime) -> str:
        """Say why one of its records has not gone out, or when and how it ended."""
        return why(record, now, self.around.get(record.id, Around()))
