"""Which processors are at work on a database. Presence is for people: no promise rests on it."""

from datetime import datetime, timedelta

from dripline.core.time.schedule import AHEAD
from dripline.core.views.operations import Worker
from dripline.store.database.database import Database, instant

AWAY_AFTER = timedelta(minutes=1)
"""After how long without a sign a processor is taken to be gone: four polls."""

PASSED_WITHIN = timedelta(minutes=10)
"""How long ago a single pass may be where a timer runs them."""


class Workers:
    """Makes one processor known, and tells of the others."""

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._worker = worker

    def enter(self, *, host: str, process_id: int, version: str, now: datetime) -> list[Worker]:
        """Make this processor known and return the others that are there."""
        with self._database.transaction():
            others = [worker for worker in self.present(now) if worker.id != self._worker]
            self._database.change(
                "enter_worker", worker=self._worker, host=host, process_id=process_id, version=version, now=now
            )
        return others

    def see(self, now: datetime) -> None:
        """Note that this processor is still there."""
        with self._database.transaction():
            self._database.change("see_worker", worker=self._worker, now=now)

    def leave(self, now: datetime) -> None:
        """Note that this processor has stopped."""
        with self._database.transaction():
            self._database.change("leave_worker", worker=self._worker, now=now)

    def present(self, now: datetime) -> list[Worker]:
        """Return every processor that is there, the longest there first."""
        return workers_present(self._database, now)


def workers_present(database: Database, now: datetime) -> list[Worker]:
    """Return every processor that is at work on a database, the longest there first."""
    return [
        Worker(
            row["id"],
            host=row["host"],
            process_id=row["process_id"],
            version=row["version"],
            started_at=instant(row["started_at"]),
            seen_at=instant(row["seen_at"]),
        )
        for row in database.run("workers_present", since=now - AWAY_AFTER, soon=now + AHEAD)
    ]


def is_at_work(database: Database, now: datetime) -> bool:
    """Return whether a processor is at work, or one made a single pass lately, as a timer lets it."""
    return bool(workers_present(database, now) or database.run("passed_since", since=now - PASSED_WITHIN))
