"""The report, read from the tallies and the due index: it costs what hours are kept, not what is stored."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from dripline.core.report import (
    DAY,
    HOUR,
    EnrollmentCount,
    Figure,
    Overview,
    RecordFilter,
    SequenceReport,
    Standing,
    Tally,
    hour_of,
    summed,
)
from dripline.store.database import Database, Row, instant, instant_or_none
from dripline.store.tallies import HOURS_KEPT

FURTHEST = timedelta(days=30)
"""How far around an instant a report goes hour by hour."""

COUNTED_AT_MOST = 100_000
"""Up to how many of the present hour's due records are counted: no report waits for a burst."""

assert FURTHEST < HOURS_KEPT, "a report's hours are kept"

Counts = Mapping[tuple[int, int], dict[str, int]]
"""How many there are by status, by a sequence's id and a step's number; step 0 are enrollments, sequence 0 leads."""


class Reporting:
    """Makes reports, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def overview(self, now: datetime, *, back: timedelta, ahead: timedelta) -> Overview:
        """Return how everything stands now, and hour by hour around it, at most `FURTHEST`; as of one instant."""
        with self._database.snapshot():
            counts = self._counts()
            sequences = tuple(_sequence(row, counts) for row in self._database.run("steps_in_use"))
            since, until = hour_of(now) - min(back, FURTHEST), hour_of(now) + min(ahead, FURTHEST) + HOUR
            lately = RecordFilter(since=hour_of(now) - DAY + HOUR, until=hour_of(now) + HOUR)
            return Overview(
                now,
                leads=counts.get((0, 0), {}).get("leads", 0),
                tally=summed(RecordFilter(), tuple(one.tally for one in sequences)),
                sequences=sequences,
                hours=self._hours(hour_of(since), hour_of(until)),
                due=self._due(now),
                due_since=instant_or_none(
                    next((row["since"] for row in self._database.run("due_since", now=now)), None)
                ),
                sent_lately=summed(lately, self._hours(hour_of(now) - DAY + HOUR, hour_of(now) + HOUR)).sent,
            )

    def _counts(self) -> Counts:
        counts: defaultdict[tuple[int, int], dict[str, int]] = defaultdict(dict)
        for row in self._database.run("tally_totals"):
            counts[row["sequence_id"], row["step"]][row["status"]] = row["many"]
        return counts

    def _hours(self, since: datetime, until: datetime) -> tuple[Tally, ...]:
        counts: defaultdict[datetime, dict[Standing, int]] = defaultdict(dict)
        for row in self._database.run("tally_hours", since=since, until=until):
            counts[instant(row["hour"])][Standing(row["status"])] = row["many"]
        hours = [since + number * HOUR for number in range((until - since) // HOUR)]
        return tuple(Tally(RecordFilter(since=hour, until=hour + HOUR), many=counts.get(hour, {})) for hour in hours)

    def _due(self, now: datetime) -> Figure:
        """Count what is due: what became due before this hour is tallied, what did in it is counted."""
        tallied = self._database.run("tally_before", hour=hour_of(now))[0]["many"]
        lately = self._database.run("due_in_hour", hour=hour_of(now), now=now, most=COUNTED_AT_MOST)[0]["many"]
        until = now + timedelta(seconds=1)
        return Figure(tallied + lately, of=RecordFilter(standings=(Standing.ACTIVE,), until=until))


def _sequence(row: Row, counts: Counts) -> SequenceReport:
    """Return the report of one sequence: each step of its newest version, and each that has records."""
    last = max([row["steps"], *(step for sequence, step in counts if sequence == row["id"])])
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


def _step(row: Row, step: int, many: Mapping[str, int]) -> Tally:
    standings = {Standing(status): count for status, count in many.items()}
    return Tally(RecordFilter(sequence=row["name"], step=step), many=standings)
