"""What of its channels a worker's store has to know."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Traits:
    """By channel: how long after somebody wrote it takes free text.

    And whose receipts name messages by their id alone, whose messages refer to those before them. They grow when a
    channel is found later.
    """

    windows: dict[str, timedelta] = field(default_factory=dict[str, timedelta], kw_only=True, hash=False)
    receipts_by_id: set[str] = field(default_factory=set[str], kw_only=True, hash=False)
    threads: set[str] = field(default_factory=set[str], kw_only=True, hash=False)
