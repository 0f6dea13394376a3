"""The upkeep of the tallies: triggers keep them right; here they are kept few, and mended where they were spoilt."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from dripline.core.queries.report import hour_of
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import SECOND, Fields, Store

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""The hour under which everything stands together that is older than `HOUR_RETENTION`."""

HOUR_RETENTION = timedelta(days=9)
"""How far back tallies are kept hour by hour. `breach_tally` compares a day less hour by hour: clocks differ."""

FOLDED_AT_ONCE = 10_000
"""How many changes are folded in one transaction."""

HOURS_AT_ONCE = 24
"""Of how many old hours the tallies are put together in one transaction."""

MENDED_AT_ONCE = 1_000_000
"""How many wrong tallies are mended at once: more than there ever are."""

Key = tuple[int, int, str, datetime]
"""What a tally counts: a sequence's id, a step's number, a status and an hour."""


class Tallies:
    """The tallies of one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def fold(self) -> bool:
        """Fold a batch of changes into the tallies; returns whether there are more. Any number of processors may."""
        if not self._database.run("tally_waits"):
            return False
        with self._store.transaction():
            # Whoever has the lock at this moment does it.
            if not self._database.run("lock_folding"):
                return False
            changes = self._database.run("take_tally_changes", most=FOLDED_AT_ONCE)
            self._add({_key(row): row["many"]} for row in changes)
        return len(changes) == FOLDED_AT_ONCE

    def let_go(self, now: datetime) -> bool:
        """Put a batch of what is older than `HOUR_RETENTION` together; returns whether there may be more of it."""
        with self._store.transaction():
            if not self._database.run("lock_folding"):
                return False
            self._database.change("drop_empty_tallies", before=hour_of(now))
            tallies = self._database.run(
                "take_old_tallies", long_ago=LONG_AGO, before=hour_of(now) - HOUR_RETENTION, most=HOURS_AT_ONCE
            )
            # Their hours are not read: one that a person made unreadable is put together with the rest.
            self._add({(row["sequence_id"], row["step"], row["status"], LONG_AGO): row["many"]} for row in tallies)
        return bool(tallies)

    def mend(self, now: datetime) -> list[int]:
        """Make the tallies what a count says, and return the sequences of which that was wrong; 0 stands for the leads.

        Call inside a transaction. Those who write meanwhile are not waited for: what they change is told beside it.
        """
        self._database.run("wait_for_folding")
        wrong = self._database.run("breach_tally", now=now, most=MENDED_AT_ONCE)
        self._add({_key(row): row["missing"]} for row in wrong)
        return sorted({row["sequence_id"] for row in wrong})

    def _add(self, tallies: Iterable[dict[Key, int]]) -> None:
        summed: Counter[Key] = Counter()
        for tally in tallies:
            summed.update(tally)
        rows = {str(place): _fields(key, count) for place, (key, count) in enumerate(summed.items()) if count}
        if rows:
            self._database.change("add_tallies", tallies=rows, long_ago=LONG_AGO)


def _key(row: Row) -> Key:
    return row["sequence_id"], row["step"], row["status"], instant(row["hour"])


def _fields(key: Key, count: int) -> Fields:
    sequence_id, step, status, hour = key
    return {
        "sequence_id": sequence_id,
        "step": step,
        "status": status,
        "hour": (hour - LONG_AGO) // SECOND,
        "many": count,
    }
