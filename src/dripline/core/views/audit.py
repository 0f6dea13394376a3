"""What was changed, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change: when, who, what (the use case), to which lead, and what else it was given.

    `lead_id` is None for what is about no lead, for whom nobody knew, and for who was forgotten since.
    """

    id: int
    at: datetime = field(kw_only=True)
    actor: str = field(kw_only=True)
    deed: str = field(kw_only=True)
    lead_id: int | None = field(kw_only=True)
    details: Mapping[str, str] = field(kw_only=True, hash=False)
