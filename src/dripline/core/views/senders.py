"""Senders as they stand, and what happened to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.reason import ReasonCode
from dripline.core.senders.sender import Sender, SenderStatus


@dataclass(frozen=True, slots=True)
class SenderState:
    """A sender as it stands: its settings, its load, and what its lane waits for.

    `live`: its live enrollments. `due`: messages that are due on its lane. `sent_today`: those of the last 24 hours.
    `wait_reason` says what the lane waits for until `free_at`. Until `cold_until` it only answers who wrote to it.
    """

    sender: Sender
    status: SenderStatus = field(kw_only=True)
    reason: str | None = field(kw_only=True)
    reason_code: ReasonCode | None = field(kw_only=True)
    reason_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    replaced_by: str | None = field(kw_only=True)
    live: int = field(kw_only=True)
    due: int = field(kw_only=True)
    sent_today: int = field(kw_only=True)
    free_at: datetime = field(kw_only=True)
    wait_reason: str | None = field(kw_only=True)
    wait_code: ReasonCode | None = field(kw_only=True)
    wait_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    is_broken: bool = field(kw_only=True)
    first_sent_at: datetime | None = field(kw_only=True)
    cold_until: datetime | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class SenderEvent:
    """Something that happened to a sender."""

    at: datetime
    event: str = field(kw_only=True)
    reason: str = field(kw_only=True)
    reason_code: ReasonCode = field(kw_only=True)
    reason_facts: Mapping[str, object] = field(kw_only=True, hash=False)
