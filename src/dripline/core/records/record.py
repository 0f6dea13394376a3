"""A step record: one step for one lead. Instants are aware UTC datetimes of whole seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.reason import ReasonCode
from dripline.core.states import Status


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One row of ``sequence_contacts``: one enrollment × one step, the unit of work.

    `planned_time` is when the sequence meant it to go; `next_trigger_time` is when it may go now.
    `completed_at` is when a provider accepted it, `ended_at` when it ended in any other way, `reason` why it waits or
    how it ended. `sender_id` is the sender whose lane it goes by, if it goes by one.
    """

    id: int
    enrollment_id: int = field(kw_only=True)
    sequence_id: int = field(kw_only=True)
    lead_id: int = field(kw_only=True)
    contact_phone: str | None = field(kw_only=True)
    sequence_stepid: int = field(kw_only=True)
    current_step: int = field(kw_only=True)
    status: Status = field(kw_only=True)
    next_trigger_time: datetime = field(kw_only=True)
    planned_time: datetime = field(kw_only=True)
    completed_at: datetime | None = field(kw_only=True)
    ended_at: datetime | None = field(kw_only=True)
    reason: str | None = field(kw_only=True)
    reason_code: ReasonCode | None = field(default=None, kw_only=True)
    reason_facts: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True, hash=False)
    attempt: int = field(kw_only=True)
    sender_id: int | None = field(default=None, kw_only=True)
