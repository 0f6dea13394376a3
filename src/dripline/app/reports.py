"""Reports: how many stand where, who is at work, and whether every promise holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from dripline.app.permissions import UseCases, requires
from dripline.core.accounts.access import Scope
from dripline.core.queries.report import Overview
from dripline.core.views.operations import Worker
from dripline.core.views.records import StepCount
from dripline.verify import Breach, verify

HOURS_AROUND = timedelta(hours=48)
"""How far back, and how far ahead, a report goes hour by hour unless it is asked for more."""


class Reports(UseCases):
    """How everything stands."""

    @requires(Scope.REPORTS_READ)
    def overview(self, *, back: timedelta = HOURS_AROUND, ahead: timedelta = HOURS_AROUND) -> Overview:
        """Return how many stand where: in all, by sequence and step, and by hour: at most 7 days back and 30 ahead.

        Each figure says of which records it is. Its cost does not grow with what is stored.
        """
        overview = self._session.read(
            lambda stores: stores.reporting.overview(self._session.now(), back=back, ahead=ahead)
        )
        return replace(overview, behind=self._session.behind)

    @requires(Scope.REPORTS_READ)
    def counts(self) -> dict[str, int]:
        """Count leads, enrollments, and records by status."""
        return self._session.read(lambda stores: stores.reads.counts())

    @requires(Scope.REPORTS_READ)
    def step_counts(self) -> list[StepCount]:
        """Count the records of each step of each sequence by status and reason."""
        return self._session.read(lambda stores: stores.reads.step_counts())

    @requires(Scope.REPORTS_READ)
    def lateness(self) -> Mapping[int, int]:
        """Count completed records by how many seconds after their planned time they were accepted."""
        return self._session.read(lambda stores: stores.reads.lateness())

    @requires(Scope.REPORTS_READ)
    def workers(self) -> list[Worker]:
        """Return the processors that are at work on this database now."""
        return self._stores.presence.present(self._session.now())

    @requires(Scope.REPORTS_READ)
    def verify(self) -> list[Breach]:
        """Return every breach of the invariants; none when all is well."""
        return verify(self._session.database, self._session.now())
