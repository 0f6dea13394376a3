"""What is counted of records, what waits for a person, and what was done to many by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.reason import ReasonCode


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many records of one step of a sequence stand in one status, for one reason."""

    sequence: str
    step: int = field(kw_only=True)
    status: str = field(kw_only=True)
    reason: str | None = field(kw_only=True)
    reason_code: ReasonCode | None = field(kw_only=True)
    reason_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    many: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class UnknownRecord:
    """A record of which nobody knows whether it went. `waits`: its enrollment waits for an answer or a person."""

    record_id: int
    sequence: str = field(kw_only=True)
    step: int = field(kw_only=True)
    address: str = field(kw_only=True)
    name: str = field(kw_only=True)
    tried_at: datetime = field(kw_only=True)
    reason: str = field(kw_only=True)
    reason_code: ReasonCode = field(kw_only=True)
    reason_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    waits: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class BulkSkip:
    """A record that was left as it is, and why."""

    record_id: int
    reason: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class BulkResult:
    """To which records something was done, and which were left alone."""

    records: tuple[int, ...] = field(default=(), kw_only=True)
    refused: tuple[BulkSkip, ...] = field(default=(), kw_only=True)

    def __add__(self, other: "BulkResult") -> "BulkResult":
        return BulkResult(records=self.records + other.records, refused=self.refused + other.refused)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a record says: the text that was sent, else the words of its step.

    `delivery`: how far that came, if it is known; `error`: why it did not arrive.
    """

    text: str
    is_sent: bool = field(kw_only=True)
    delivery: str | None = field(default=None, kw_only=True)
    error: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Suspects:
    """How many records may have gone since a backup; of these, how many are next to go and wait for a person now."""

    records: int
    current: int = field(kw_only=True)
