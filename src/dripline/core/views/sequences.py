"""Sequences as they stand, and what applying one did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.planning.plan import Plan
from dripline.core.reason import ReasonCode
from dripline.core.sequences.sequence import Sequence


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a sequence did, and how many leads it enrolled at once.

    `moved` counts the enrollments that went over as planned, `left_alone` those that had gone on since the plan.
    """

    plan: Plan
    version: int = field(kw_only=True)
    enrolled: int = field(kw_only=True)
    moved: int = field(default=0, kw_only=True)
    left_alone: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class SequenceState:
    """A sequence as it is, its newest version, and since when it is paused, and why, or archived, if it is."""

    sequence: Sequence
    version: int = field(kw_only=True)
    paused_at: datetime | None = field(kw_only=True)
    pause_reason: str | None = field(kw_only=True)
    pause_code: ReasonCode | None = field(kw_only=True)
    pause_facts: Mapping[str, object] = field(kw_only=True, hash=False)
    archived_at: datetime | None = field(default=None, kw_only=True)
