"""The report: how many records, enrollments and leads stand where, at any size at once."""

from datetime import datetime, timedelta

from dripline.app.opened import Opened
from dripline.core.queries.report import Overview

HOURS_AROUND = timedelta(hours=48)
"""How far back, and how far ahead, a report goes hour by hour unless it is asked for more."""

FOLD_EVERY = timedelta(seconds=10)
"""How often a processor folds what the database's triggers noted."""

LET_GO_EVERY = timedelta(hours=1)
"""How often it puts the tallies of old hours together."""


JUMP = timedelta(days=2)
"""How far the clock is from the last pass's where it may have jumped."""


class ReportCases(Opened):
    """What can be asked about how everything stands."""

    _clock_jumped: bool = False
    _folded_at: datetime | None = None
    _put_together_at: datetime | None = None

    def report(self, *, back: timedelta = HOURS_AROUND, ahead: timedelta = HOURS_AROUND) -> Overview:
        """Return how many stand where: in all, by sequence and step, and by hour: at most 7 days back and 30 ahead.

        Each figure says of which records it is. Its cost does not grow with what is stored.
        """
        return self._reporting.overview(self._now(), back=back, ahead=ahead)

    def _keep_tallies(self) -> None:
        """Keep the tallies few: a batch at a time, and at each pass while there is more."""
        now = self._now()
        if self._folded_at is None or now - self._folded_at >= FOLD_EVERY:
            self._folded_at = None if self._tallies.fold() else now
        if self._put_together_at is not None and abs(now - self._put_together_at) > JUMP:
            self._clock_jumped = True
        if self._clock_jumped:
            # Looked at again in an hour: what is old by a clock that is wrong would be put together for good.
            self._clock_jumped, self._put_together_at = False, now
        if self._put_together_at is None or now - self._put_together_at >= LET_GO_EVERY:
            self._put_together_at = None if self._tallies.let_go(now) else now
