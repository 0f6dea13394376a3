"""One lead's thread: what was sent to it, what it wrote, what happened and what is planned, in the order of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dripline.core.events.inbound import MessageKind
from dripline.core.leads.lead import Lead
from dripline.core.reason import ReasonCode
from dripline.core.replies.message_class import MessageClass


class EntryKind(StrEnum):
    """What an entry of a thread is."""

    WROTE = "wrote"
    SENT = "sent"
    HAPPENED = "happened"
    PLANNED = "planned"


class Happening(StrEnum):
    """What happened to a lead."""

    GAINED_TRIGGER = "gained_trigger"
    ENROLLED = "enrolled"
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDED = "ended"
    UNSUBSCRIBED = "unsubscribed"
    ALLOWED = "allowed"


class MessageState(StrEnum):
    """How far a message of ours came, or why it did not go: `failed` was also accepted and not delivered."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    SENDING = "sending"
    WAITING = "waiting"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """One entry of a thread; what it has depends on its kind.

    `at`: when it was written, went, ended or happened; of what is planned when it is expected to go, None where it does
    not go by itself. `text`: what was written or sent, or would be sent as things stand now. `state` and `state_at`:
    how far a message of ours came. `what`: what happened. `reason`: why it came no further, ended, is paused, waits, or
    what it was taken for. `by`: who did it. `handled_at`, `handled_by`: who said that nobody has to look at it again.
    """

    kind: EntryKind
    at: datetime | None = field(kw_only=True)
    text: str | None = field(default=None, kw_only=True, repr=False)
    channel: str | None = field(default=None, kw_only=True)
    sender: str | None = field(default=None, kw_only=True)
    sequence: str | None = field(default=None, kw_only=True)
    step: int | None = field(default=None, kw_only=True)
    enrollment_id: int | None = field(default=None, kw_only=True)
    record_id: int | None = field(default=None, kw_only=True)
    message_id: int | None = field(default=None, kw_only=True)
    message_kind: MessageKind | None = field(default=None, kw_only=True)
    message_class: MessageClass | None = field(default=None, kw_only=True)
    state: MessageState | None = field(default=None, kw_only=True)
    state_at: datetime | None = field(default=None, kw_only=True)
    planned_at: datetime | None = field(default=None, kw_only=True)
    what: Happening | None = field(default=None, kw_only=True)
    trigger: str | None = field(default=None, kw_only=True)
    by: str | None = field(default=None, kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    reason_code: ReasonCode | None = field(default=None, kw_only=True)
    reason_facts: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True, hash=False)
    handled_at: datetime | None = field(default=None, kw_only=True)
    handled_by: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class LeadThread:
    """A page of one lead's thread, the oldest entry first, and what is planned, in the order in which it is expected.

    `earlier` is the cursor of the page before it; None where it begins. `planned` is on the latest page alone. `zone`
    is where the lead is.
    """

    lead: Lead
    zone: str = field(kw_only=True)
    entries: tuple[ThreadEntry, ...] = field(kw_only=True)
    planned: tuple[ThreadEntry, ...] = field(default=(), kw_only=True)
    earlier: str | None = field(default=None, kw_only=True)
    is_suppressed: bool = field(default=False, kw_only=True)
