"""What steps led to: an answer, a stop, a goal or an early end counts for the step that went before it.

It is written beside its cause, in the same transaction, and never when a step settles. Triggers count it.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from dripline.store.database.database import Database
from dripline.store.database.transactions import keys

COUNTS_FOR = timedelta(days=7)
"""For how long after a step what a lead does counts as what that step led to."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Results:
    """Notes what steps led to, on one database. Call all of it inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_reply(self, leads: Iterable[int], at: datetime) -> None:
        """Note that leads answered, in each run that wrote to them in the 7 days before."""
        self._note("note_replied", self._of_leads(leads), at - COUNTS_FOR, at)

    def of_stop(self, leads: Iterable[int], at: datetime) -> None:
        """Note that leads asked for no more, in each run that wrote to them in the 7 days before."""
        self._note("note_stopped", self._of_leads(leads), at - COUNTS_FOR, at)

    def of_gains(self, gains: Mapping[str, object], at: datetime) -> None:
        """Note which runs came to their goal by triggers that leads gained, keyed by "lead id:trigger"."""
        rows = self._database.run("enrollments_with_goal", gains=gains)
        self._note("note_goal", (row["id"] for row in rows), at - COUNTS_FOR, at)

    def of_ended(self, enrollments: Iterable[int], at: datetime) -> None:
        """Note where those of ended enrollments left that did so early, however long after the step before that was."""
        ended = keys(enrollments)
        rows = self._database.run("ended_early", enrollments=ended) if ended else []
        self._note("note_left", (row["id"] for row in rows), _EVER, at)

    def _of_leads(self, leads: Iterable[int]) -> Iterable[int]:
        who = keys(leads)
        rows = self._database.run("enrollments_of_leads", leads=who) if who else []
        return (row["id"] for row in rows)

    def _note(self, statement: str, enrollments: Iterable[int], since: datetime, at: datetime) -> None:
        of = keys(enrollments)
        found = self._database.run("last_steps_of_runs", enrollments=of, since=since, at=at) if of else []
        if found:
            self._database.change(statement, results=[dict(row) for row in found])
