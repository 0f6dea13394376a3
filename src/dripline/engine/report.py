"""What one pass did, as numbers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Report:
    """What one pass did, in records.

    `deferred` were moved to a later time by a window, a gap or a cap, `skipped` were too late to go, `paused` belong to
    an enrollment that is paused: nothing was sent and no try is counted.

    `held` stayed due because their sender or step is held, `handed_back` because the worker stopped; `waiting` counts,
    by channel, due records whose channel this process does not have; `stale` were no longer this worker's when they
    settled; `lost` had an ended lease.
    """

    sent: int = field(default=0, kw_only=True)
    failed: int = field(default=0, kw_only=True)
    retried: int = field(default=0, kw_only=True)
    held: int = field(default=0, kw_only=True)
    handed_back: int = field(default=0, kw_only=True)
    unknown: int = field(default=0, kw_only=True)
    cancelled: int = field(default=0, kw_only=True)
    deferred: int = field(default=0, kw_only=True)
    skipped: int = field(default=0, kw_only=True)
    paused: int = field(default=0, kw_only=True)
    stale: int = field(default=0, kw_only=True)
    lost: int = field(default=0, kw_only=True)
    waiting: Mapping[str, int] = field(default_factory=dict[str, int], kw_only=True, hash=False)

    def as_json(self) -> dict[str, object]:
        """Return the report as a JSON object."""
        return asdict(self)
