"""What became of leads that came in, replied, or stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.reason import ReasonCode


@dataclass(frozen=True, slots=True)
class LeadResult:
    """What became of a batch of leads: how many people were new, changed, and enrolled (lead × sequence)."""

    added: int = field(default=0, kw_only=True)
    updated: int = field(default=0, kw_only=True)
    enrolled: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class ReplyResult:
    """What a lead's message did: whether it barred the lead, and how many enrollments it ended or paused.

    `held`: it may have asked to stop, and waits for a person. `allowed`: it lifted what barred the lead.
    """

    stopped: bool = field(default=False, kw_only=True)
    ended: int = field(default=0, kw_only=True)
    paused: int = field(default=0, kw_only=True)
    held: bool = field(default=False, kw_only=True)
    allowed: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Allowed:
    """How many people may be sent to again, and how many of them had asked to stop with words of their own."""

    people: int = field(default=0, kw_only=True)
    own: int = field(default=0, kw_only=True)

    def __add__(self, other: "Allowed") -> "Allowed":
        return Allowed(people=self.people + other.people, own=self.own + other.own)


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that nothing is sent to, since when, and why."""

    address: str
    reason: str = field(kw_only=True)
    reason_code: ReasonCode = field(kw_only=True)
    reason_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    suppressed_at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class MaybeStopped:
    """A lead that may have asked to stop, and with which words."""

    lead_id: int
    phone: str | None = field(kw_only=True)
    email: str | None = field(kw_only=True)
    name: str = field(kw_only=True)
    said: str = field(kw_only=True)
    said_at: datetime = field(kw_only=True)
