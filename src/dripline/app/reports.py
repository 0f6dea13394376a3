"""Reports: how many stand where, who is at work, and whether every promise holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from dripline.app.permissions import UseCases, requires
from dripline.core.accounts.access import Scope
from dripline.core.queries.report import Overview
from dripline.core.queries.results import SequenceResults
from dripline.core.records.waiting import Waiting
from dripline.core.views.calendar import Calendar, check_days
from dripline.core.views.operations import Worker
from dripline.core.views.records import StepCount
from dripline.core.views.today import Today
from dripline.errors import NoSuchSequence
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
    def today(self) -> Today:
        """Return what went in 24 hours, what needs a person, what waits and why, what comes next, and a week by hour.

        Its cost does not grow with what is stored.
        """
        now, channels = self._session.now(), self._session.channels
        return self._session.read(lambda stores: stores.today.of(channels, now))

    @requires(Scope.REPORTS_READ)
    def waiting(self) -> Waiting:
        """Return everything that is due by what it waits for, each with its end.

        Of each sender, step and channel at most 10,000 are counted, of all senders 100,000: it costs no more however
        much is due.
        """
        now, channels = self._session.now(), self._session.channels
        return self._session.read(lambda stores: stores.today.waiting.of(channels, now))

    @requires(Scope.REPORTS_READ)
    def calendar(self, first: date | None = None, *, days: int = 7) -> Calendar:
        """Return what went and what goes on some days, by sequence and local hour, at the times at which it will go.

        Sending hours, and the limits and hours of senders, are counted in; a lead's own zone, gap and cap are not.
        `first`: the first day by the workspace's clock, today unless given.

        Raises:
            InvalidFilter: These are too many days, or the first one is too long ago or too far ahead.
        """
        now = self._session.now()
        check_days(first, days, now)
        return self._session.read(lambda stores: stores.today.calendars.of(first, days, now))

    @requires(Scope.REPORTS_READ)
    def results(self) -> tuple[SequenceResults, ...]:
        """Return what the steps of each sequence led to: sent, delivered, read, replied, stopped, goal reached, left.

        Each figure says of which records it is. Its cost does not grow with what is stored.
        """
        return self._session.read(lambda stores: stores.reporting.results())

    @requires(Scope.REPORTS_READ)
    def results_of(self, sequence: str) -> SequenceResults:
        """Return the same of one sequence.

        Raises:
            NoSuchSequence: There is none of that name.
        """
        found = next((one for one in self.results() if one.sequence == sequence), None)
        if found is None:
            raise NoSuchSequence(f"There is no sequence {sequence!r}: apply it, or name another.")
        return found

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
