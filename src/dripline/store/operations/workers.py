"""Which processors are at work on a database. Presence is for people: no promise rests on it."""

from datetime import datetime, timedelta

from dripline.core.time.schedule import AHEAD
from dripline.core.views.operations import Worker
from dripline.store.database.database import Database, instant

AWAY_AFTER = timedelta(minutes=1)
"""After how long without a sign a processor is taken to be gone: four polls."""


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
        return [
            Worker(
                row["id"],
                host=row["host"],
                process_id=row["process_id"],
                version=row["version"],
                started_at=instant(row["started_at"]),
                seen_at=instant(row["seen_at"]),
            )
            for row in self._database.run("workers_present", since=now - AWAY_AFTER, soon=now + AHEAD)
        ]
