"""How many messages went in the last hour and the last day, in a few numbers that are stored with the sender."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

_FURTHEST = timedelta(hours=1)
"""How far ahead messages are counted: a turn counts at the end of its lease. What was counted further ahead was counted
by a clock that was wrong."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Meter:
    """Counts in a moving span, by buckets of time.

    A bucket counts until all of it has left the span. So no span of that length, wherever it begins, ever holds more
    than is allowed; what is allowed again comes at most a bucket late.
    """

    span: timedelta
    bucket: timedelta = field(kw_only=True)
    counts: Mapping[int, int] = field(default_factory=dict[int, int], kw_only=True, hash=False)

    def total(self, now: datetime) -> int:
        """Return how many are still counted."""
        return sum(self._counted(now).values())

    def add(self, messages: int, at: datetime, *, now: datetime) -> "Meter":
        """Return the meter with so many more at an instant, and without what no longer counts now."""
        counts = self._counted(now)
        here = (at - _EPOCH) // self.bucket
        return Meter(self.span, bucket=self.bucket, counts={**counts, here: counts.get(here, 0) + messages})

    def take_back(self, messages: int) -> "Meter":
        """Return the meter without so many of the latest, which were not sent after all."""
        counts: dict[int, int] = {}
        for number in sorted(self.counts, reverse=True):
            removed = min(messages, self.counts[number])
            messages -= removed
            counts[number] = self.counts[number] - removed
        return replace(self, counts={number: count for number, count in counts.items() if count})

    def frees_at(self, now: datetime) -> datetime:
        """Return when the oldest that are counted no longer are; `now` where none is."""
        return min((self._left(number) for number in self._counted(now)), default=now)

    def _counted(self, now: datetime) -> dict[int, int]:
        # The first bucket that has not left the span: asked once, since a lane asks at every turn.
        first = (now - self.span - _EPOCH) // self.bucket
        last = (now + _FURTHEST - _EPOCH) // self.bucket
        return {number: count for number, count in self.counts.items() if first <= number <= last}

    def _left(self, number: int) -> datetime:
        """Return when all of a bucket has left the span."""
        return _EPOCH + (number + 1) * self.bucket + self.span


def hour_meter(counts: Mapping[int, int] | None = None) -> Meter:
    """Return a meter of 60 minutes."""
    return Meter(timedelta(hours=1), bucket=timedelta(minutes=5), counts=dict(counts or {}))


def day_meter(counts: Mapping[int, int] | None = None) -> Meter:
    """Return a meter of 24 hours."""
    return Meter(timedelta(days=1), bucket=timedelta(hours=1), counts=dict(counts or {}))
