"""The report, read from the tallies and the due index: it costs what hours are kept, not what is stored."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from dripline.core.queries.report import (
    DAY,
    HOUR,
    EnrollmentCount,
    Figure,
    Overview,
    RecordFilter,
    SequenceReport,
    StatusGroup,
    Tally,
    hour_of,
    summed,
)
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import Fields
from dripline.store.reports.tallies import HOUR_RETENTION

FURTHEST_BACK = timedelta(days=7)
"""How far back a report goes hour by hour."""

FURTHEST_AHEAD = timedelta(days=30)
"""How far ahead it does."""

COUNTED_LIMIT = 100_000
"""Up to how many of the present hour's due records are counted: no report waits for a burst."""

assert FURTHEST_BACK < HOUR_RETENTION, "a report's hours are kept"

Counts = Mapping[tuple[int, int], dict[str, int]]
"""How many there are by status, by a sequence's id and a step's number; step 0 are enrollments, sequence 0 leads."""


class Reporting:
    """Makes reports, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def overview(self, now: datetime, *, back: timedelta, ahead: timedelta) -> Overview:
        """Return how everything stands now, and hour by hour around it; as of one instant."""
        with self._database.snapshot():
            counts = self.counts()
            last = dict(sorted(counts))
            sequences = tuple(
                _sequence(row, counts, max(row["steps"], last.get(row["id"], 0)))
                for row in self._database.run("steps_in_use")
            )
            this = hour_of(now)
            since = hour_of(now - min(back, FURTHEST_BACK))
            until = hour_of(now + min(ahead, FURTHEST_AHEAD)) + HOUR
            day = RecordFilter(since=this - DAY + HOUR, until=this + HOUR)
            hours = self._hours(counts, min(since, this - DAY + HOUR), until)
            return Overview(
                now,
                leads=counts.get((0, 0), {}).get("leads", 0),
                tally=summed(RecordFilter(), tuple(one.tally for one in sequences)),
                sequences=sequences,
                hours=tuple(tally for hour, tally in hours.items() if hour >= since),
                due=self.due(counts, now),
                due_since=self.due_since(now),
                sent_lately=summed(
                    day, tuple(tally for hour, tally in hours.items() if this - DAY < hour <= this)
                ).sent,
            )

    def between(self, since: datetime, until: datetime) -> Mapping[StatusGroup, int]:
        """Count the records whose hours are from one to before another, by where they stand."""
        sums = Counter[StatusGroup]()
        for tally in self._hours(self.counts(), since, until).values():
            sums.update(tally.many)
        return sums

    def counts(self) -> Counts:
        """Count everything by where it stands."""
        counts: defaultdict[tuple[int, int], dict[str, int]] = defaultdict(dict)
        for row in self._database.run("tally_totals"):
            step = counts[row["sequence_id"], row["step"]]
            step[row["status"]] = step.get(row["status"], 0) + row["many"]
        return counts

    def _hours(self, counts: Counts, since: datetime, until: datetime) -> dict[datetime, Tally]:
        tallies = tally_rows(counts, *StatusGroup)
        found: defaultdict[datetime, Counter[StatusGroup]] = defaultdict(Counter)
        for row in self._database.run("tally_hours", kept=tallies, since=since, until=until):
            found[instant(row["hour"])][StatusGroup(row["status"])] += row["many"]
        hours = [since + number * HOUR for number in range((until - since) // HOUR)]
        return {hour: Tally(RecordFilter(since=hour, until=hour + HOUR), many=dict(+found[hour])) for hour in hours}

    def due_since(self, now: datetime) -> datetime | None:
        """Return since when something is due; None where nothing is."""
        return next((instant(row["since"]) for row in self._database.run("due_since", now=now)), None)

    def due(self, counts: Counts, now: datetime) -> Figure:
        """Count what is due: what became due before this hour is tallied, what did in it is counted."""
        tallies = tally_rows(counts, StatusGroup.ACTIVE)
        tallied = sum(row["many"] for row in self._database.run("tally_before", kept=tallies, hour=hour_of(now)))
        lately = self._database.run("due_in_hour", hour=hour_of(now), now=now, most=COUNTED_LIMIT)[0]["many"]
        until = now + timedelta(seconds=1)
        return Figure(tallied + lately, of=RecordFilter(standings=(StatusGroup.ACTIVE,), until=until))


def tally_rows(counts: Counts, *standings: StatusGroup) -> list[Fields]:
    """Return of which sequences, steps and statuses there are tallies, of these."""
    return [
        {"sequence_id": sequence, "step": step, "status": status}
        for (sequence, step), statuses in counts.items()
        for status in statuses
        if step and status in standings
    ]


def _sequence(row: Row, counts: Counts, last: int) -> SequenceReport:
    """Return the report of one sequence: each step of its newest version, and each that has records."""
    steps = tuple(_step(row, step, counts.get((row["id"], step), {})) for step in range(1, last + 1))
    enrollments = counts.get((row["id"], 0), {})
    return SequenceReport(
        row["name"],
        enrollments=EnrollmentCount(
            in_progress=enrollments.get("live", 0),
            finished=enrollments.get("finished", 0),
            left=enrollments.get("left", 0),
        ),
        tally=summed(RecordFilter(sequence=row["name"]), steps),
        steps=steps,
    )


def _step(row: Row, step: int, counts: Mapping[str, int]) -> Tally:
    standings = {StatusGroup(status): count for status, count in counts.items() if count}
    return Tally(RecordFilter(sequence=row["name"], step=step), many=standings)
