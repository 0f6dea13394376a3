"""A sender that may only answer: WhatsApp lets it write to nobody who did not write to it first. Pure.

The refusal is 463, the reach-out time-lock. Trying again does not help, and who keeps trying stays locked; what helps
is that the person writes. So people who wrote are *warm* and go on, everyone else is *cold* and waits.
"""

from datetime import datetime, timedelta

COLD_FIRST = timedelta(days=1)
COLD_LIMIT = timedelta(days=16)
"""How long a sender writes to nobody cold after its first refusal, twice as long after each next, and at most."""

WARM_LIMIT = 3
WARM_SPAN = timedelta(days=1)
"""A sender that is refused so many warm people within this span may not even answer: it is paused."""


def cold_rest(trips: int) -> timedelta:
    """Return how long a sender writes to nobody cold, that was refused so often in a row before."""
    return min(COLD_LIMIT, COLD_FIRST * 2 ** min(trips, 16))


def is_warm(written_at: datetime | None, refused_at: datetime | None) -> bool:
    """Return whether a person may be written to: they wrote, and since the last refusal if there was one."""
    return written_at is not None and (refused_at is None or written_at > refused_at)
