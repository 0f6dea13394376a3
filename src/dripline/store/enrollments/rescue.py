"""What a rescue frees, of workers that are gone, and what it leaves to one that lives."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Rescued:
    """The records whose lease ended: which became unknown, and which are active again, since they had not begun."""

    lost: list[int] = field(default_factory=list[int], hash=False)
    handed_back: list[int] = field(default_factory=list[int], kw_only=True, hash=False)


@dataclass(frozen=True, slots=True)
class InHand:
    """What a worker that lives has in flight: its leases are moved on to an instant, also where they are over."""

    worker: str
    records: list[int] = field(kw_only=True, hash=False)
    until: datetime = field(kw_only=True)
