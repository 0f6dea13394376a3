"""The report, read from the tallies and the due index: it costs what hours are kept, not what is stored."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
from dripline.core.queries.results import TALLIED, SequenceResults, StepResults, together
from dripline.core.text import as_text
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import Fields
from dripline.store.reports.tallies import HOUR_RETENTION

FURTHEST_BACK = timedelta(days=7)
"""How far back a report goes hour by hour."""

FURTHEST_AHEAD = timedelta(days=30)
"""How far ahead it does."""

COUNTED_LIMIT = 100_000
"""Up to how many of the present hour's due records are counted: no report waits for a burst."""

MESSAGE_SHOWN = 60
"""How many characters of a step's text stand beside what it led to."""

LED_TO = tuple(one for names in TALLIED.values() for one in names)
"""What tallies are called by which a step that the newest version lacks is told."""

assert FURTHEST_BACK < HOUR_RETENTION, "a report's hours are kept"

Counts = Mapping[tuple[int, int], Mapping[str, int]]
"""How many there are by status, by a sequence's id and a step's; step 0 are enrollments, sequence 0 leads."""


class Reporting:
    """Makes reports, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def overview(self, now: datetime, *, back: timedelta, ahead: timedelta) -> Overview:
        """Return how everything stands now, and hour by hour around it; as of one instant."""
        with self._database.snapshot():
            counts = self.counts()
            by_place = self.by_place(counts)
            last = dict(sorted(by_place))
            sequences = tuple(
                _sequence(row, by_place, max(row["steps"], last.get(row["id"], 0)))
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

    def results(self) -> tuple[SequenceResults, ...]:
        """Return what the steps of each sequence led to, those that were deleted left out."""
        with self._database.snapshot():
            counts = self.counts()
            steps: defaultdict[int, list[Row]] = defaultdict(list)
            for row in self._database.run("steps_of_every_version", sequence=None):
                steps[row["sequence_id"]].append(row)
            return tuple(
                together(row["name"], _enrollments(row, counts), _results(row, steps[row["id"]], counts))
                for row in self._database.run("steps_in_use")
                if row["deleted_at"] is None
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

    def by_place(self, counts: Counts) -> Counts:
        """Return the counts by the places of steps, in place of their ids."""
        places = {row["id"]: row["position"] for row in self._database.run("steps_of_every_version", sequence=None)}
        found: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
        for (sequence, step), count in counts.items():
            place = places.get(step) if step else 0
            if place is not None:
                found[sequence, place].update(count)
        return found

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
    return SequenceReport(
        row["name"],
        enrollments=_enrollments(row, counts),
        tally=summed(RecordFilter(sequence=row["name"]), steps),
        steps=steps,
    )


def _step(row: Row, step: int, counts: Mapping[str, int]) -> Tally:
    standings = {one: counts[one] for one in StatusGroup if counts.get(one)}
    return Tally(RecordFilter(sequence=row["name"], step=step), many=standings)


def _enrollments(row: Row, counts: Counts) -> EnrollmentCount:
    runs = counts.get((row["id"], 0), {})
    return EnrollmentCount(in_progress=runs.get("live", 0), finished=runs.get("finished", 0), left=runs.get("left", 0))


def _results(row: Row, versions: Iterable[Row], counts: Counts) -> Iterator[StepResults]:
    """Yield what each step of a sequence led to: those of its newest version, then older ones that led to something."""
    by_key: defaultdict[str, Counter[str]] = defaultdict(Counter)
    newest: dict[str, Row] = {}
    latest: dict[str, Row] = {}
    for step in versions:
        by_key[step["step_key"]].update(counts.get((row["id"], step["id"]), {}))
        latest[step["step_key"]] = step
        if step["is_newest"]:
            newest[step["step_key"]] = step
    older = [key for key, of in by_key.items() if key not in newest and any(of[one] for one in LED_TO)]
    for key in (*newest, *older):
        yield StepResults(
            RecordFilter(sequence=row["name"], step_id=key),
            step_id=key,
            position=newest[key]["position"] if key in newest else None,
            message=as_text(latest[key]["message"], MESSAGE_SHOWN),
            counts=dict(+by_key[key]),
        )
