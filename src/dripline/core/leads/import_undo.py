"""What undoing an import takes back, and why a lead of it stays. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class KeepReason(StrEnum):
    """Why a lead of an import stays when the import is undone; the first that holds is given."""

    BEFORE = "was in the list before"
    SENT = "was sent a message already"
    CHANGED = "was changed since"
    WROTE = "wrote to us"


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """What is stored of a lead of an import: whether that added it, and what happened since.

    `was_tried`: a message to it was tried, whatever came of that; `was_changed`: something else changed it, wrote about
    it, gave it a trigger or enrolled it.
    """

    lead_id: int
    was_added: bool = field(kw_only=True)
    was_tried: bool = field(kw_only=True)
    was_changed: bool = field(kw_only=True)
    wrote: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ImportUndo:
    """What undoing an import does, or did: how many leads are deleted, how many stay and why.

    `ended`: enrollments that the import began and that end; `restored`: leads that get back what the import changed;
    `kept`: those that keep it, since something else has changed them since.
    """

    removed: int = field(default=0, kw_only=True)
    stays: Mapping[KeepReason, int] = field(default_factory=dict[KeepReason, int], kw_only=True, hash=False)
    ended: int = field(default=0, kw_only=True)
    restored: int = field(default=0, kw_only=True)
    kept: int = field(default=0, kw_only=True)


def keep_reason(lead: LeadHistory) -> KeepReason | None:
    """Return why a lead stays; None if it may be deleted."""
    answers = {
        KeepReason.BEFORE: not lead.was_added,
        KeepReason.SENT: lead.was_tried,
        KeepReason.CHANGED: lead.was_changed,
        KeepReason.WROTE: lead.wrote,
    }
    return next((why for why, holds in answers.items() if holds), None)
