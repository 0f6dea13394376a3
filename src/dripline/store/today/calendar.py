"""The calendar, read from the tallies: it costs what hours, sequences and senders there are, not what is stored."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dripline.core.planning.hours_ahead import LaneAhead, Load, Terms, alike, capacity_of, hours_ahead
from dripline.core.queries.report import StatusGroup, hour_of
from dripline.core.senders.lane import Lane
from dripline.core.senders.sender import SenderStatus
from dripline.core.time.hours import step_hours
from dripline.core.views.calendar import Calendar, CalendarCell, CalendarDay, CalendarHour, CalendarRow, StoppedStep
from dripline.store.database.database import Database, Row, instant
from dripline.store.operations.workspace import Workspaces
from dripline.store.records.claim_lanes import readable_lane
from dripline.store.reports.reporting import Counts, Reporting, tally_rows
from dripline.store.reports.tallies import LONG_AGO
from dripline.store.rows import zone_or_none
from dripline.store.window_column import window_of

OPEN = (StatusGroup.PENDING, StatusGroup.ACTIVE)
"""What goes by itself. What is on hold for one lead, or not confirmed, has no time."""

FAILED = (StatusGroup.FAILED, StatusGroup.UNKNOWN)

DAY = timedelta(days=1)


@dataclass(slots=True)
class _Found:
    """What was read, by sequence: messages without a time, and how many went and will go in which hour."""

    sent: Counter[tuple[int, datetime]] = field(default_factory=Counter[tuple[int, datetime]])
    failed: Counter[tuple[int, datetime]] = field(default_factory=Counter[tuple[int, datetime]])
    scheduled: Counter[tuple[int, datetime]] = field(default_factory=Counter[tuple[int, datetime]])
    paused: Counter[int] = field(default_factory=Counter[int])
    stopped: Counter[tuple[int, int]] = field(default_factory=Counter[tuple[int, int]])
    held: Counter[int] = field(default_factory=Counter[int])
    later: int = 0


class Calendars:
    """Makes calendars, on one database."""

    def __init__(self, database: Database, reporting: Reporting, workspaces: Workspaces) -> None:
        self._database = database
        self._reporting = reporting
        self._workspaces = workspaces

    def zone(self) -> str:
        """Return the zone whose days these are."""
        return self._workspaces.state().workspace.zone

    def of(self, first: date | None, days: int, now: datetime) -> Calendar:
        """Return so many days from one on, by the workspace's clock; from today where none is named."""
        with self._database.snapshot():
            state = self._workspaces.state()
            zone = ZoneInfo(state.workspace.zone)
            begin = first or now.astimezone(zone).date()
            dates = [begin + place * DAY for place in range(days)]
            since, until = _midnight(begin, zone), _midnight(begin + days * DAY, zone)
            sequences = self._database.run("calendar_sequences")
            lanes = self._lanes()
            found = self._found(sequences, lanes, (since, until), state.workspace.zone, now)
        rows = tuple(_row(row, found, dates, zone) for row in sequences)
        hours = _by_day(found, dates, zone)
        return Calendar(
            now,
            zone=state.workspace.zone,
            days=tuple(
                CalendarDay(
                    day, hours=hours[day], capacity=_capacity(lanes, _midnight(day, zone), _midnight(day + DAY, zone))
                )
                for day in dates
            ),
            rows=rows,
            later=found.later,
            is_paused=state.paused_at is not None,
        )

    def _found(
        self, sequences: list[Row], lanes: list[LaneAhead], span: tuple[datetime, datetime], zone: str, now: datetime
    ) -> _Found:
        since, until = span
        counts, found = self._reporting.counts(), _Found()
        if since < now:
            tallies = tally_rows(counts, StatusGroup.COMPLETED, *FAILED)
            for row in self._database.run("tally_places", kept=tallies, since=hour_of(since), until=until):
                place = row["sequence_id"], instant(row["hour"])
                if row["status"] == StatusGroup.COMPLETED:
                    found.sent[place] += row["many"]
                elif row["status"] in FAILED:
                    found.failed[place] += row["many"]
        if until > now:
            self._schedule(found, sequences, lanes, counts, (now, until), zone)
        return found

    def _schedule(
        self,
        found: _Found,
        sequences: list[Row],
        lanes: list[LaneAhead],
        counts: Counts,
        span: tuple[datetime, datetime],
        zone: str,
    ) -> None:
        now, until = span
        terms = _Terms.read(sequences, self._database.run("calendar_steps"), zone)
        tallies = tally_rows(counts, *OPEN)
        loads: list[Load] = []
        every = sum(count for (_, step), by in counts.items() if step for status, count in by.items() if status in OPEN)
        for row in self._database.run("tally_places", kept=tallies, since=LONG_AGO, until=until):
            sequence, step, count = row["sequence_id"], row["step"], row["many"]
            if row["status"] not in OPEN:
                continue
            every -= count
            if sequence in terms.paused:
                found.paused[sequence] += count
            elif (sequence, step) in terms.stopped:
                if row["status"] == StatusGroup.ACTIVE:
                    found.stopped[sequence, step] += count
            else:
                loads.append(Load(terms.of(sequence, step), at=instant(row["hour"]), count=count))
        ahead = hours_ahead(loads, lanes, now, until)
        found.scheduled = ahead.hourly
        found.held = ahead.held
        found.later = max(0, every) + sum(ahead.later.values())

    def _lanes(self) -> list[LaneAhead]:
        """Return each sender's lane with its share of each sequence: by its live leads, evenly where nobody has any."""
        senders: defaultdict[int, dict[int, Row]] = defaultdict(dict)
        for row in self._database.run("calendar_senders"):
            senders[row["sequence_id"]][row["id"]] = row
        shares: defaultdict[int, dict[int, float]] = defaultdict(dict)
        rows: dict[int, Row] = {}
        for sequence, by_id in senders.items():
            live = sum(row["live"] for row in by_id.values())
            for sender, row in by_id.items():
                rows[sender] = row
                shares[sender][sequence] = row["live"] / live if live else 1 / len(by_id)
        return [LaneAhead(_lane(row), shares=shares[sender]) for sender, row in rows.items()]


@dataclass(frozen=True, slots=True)
class _Terms:
    """The hours of steps, and what is paused or stopped."""

    by_sequence: Mapping[int, Terms]
    by_step: Mapping[tuple[int, int], Terms]
    paused: frozenset[int]
    stopped: frozenset[tuple[int, int]]

    def of(self, sequence: int, step: int) -> Terms:
        """Return the terms of a step: its own, else its sequence's."""
        own = self.by_step.get((sequence, step))
        return own or self.by_sequence.get(sequence) or Terms(sequence)

    @classmethod
    def read(cls, sequences: Iterable[Row], steps: Iterable[Row], zone: str) -> "_Terms":
        """Read the terms of all sequences; `zone` is where those are that name none."""
        by_sequence: dict[int, Terms] = {}
        for row in sequences:
            at = zone_or_none(row["zone"]) or zone
            by_sequence[row["id"]] = Terms(row["id"], window=window_of(row["time_window"]), zone=at)
        by_step: dict[tuple[int, int], Terms] = {}
        stopped: set[tuple[int, int]] = set()
        for row in steps:
            of, place = by_sequence.get(row["sequence_id"]), (row["sequence_id"], row["position"])
            if row["pause_code"] is not None:
                stopped.add(place)
            if of is not None and row["time_window"] is not None:
                window = step_hours(window_of(row["time_window"]), of.window)
                by_step[place] = Terms(of.sequence_id, window=window, zone=of.zone)
        paused = frozenset(row["id"] for row in sequences if row["paused_at"] is not None)
        return cls(by_sequence, by_step, paused, frozenset(stopped))


def _lane(row: Row) -> Lane | None:
    return readable_lane(row) if row["status"] == SenderStatus.ACTIVE else None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _capacity(lanes: list[LaneAhead], begins: datetime, ends: datetime) -> int | None:
    """Return the most that all senders together let go; None where one has no limit, or there is none."""
    each = [capacity_of(ahead.lane, begins, ends) for ahead in alike(lanes) if ahead.lane is not None]
    return sum(one for one in each if one is not None) if each and None not in each else None


def _row(row: Row, found: _Found, dates: list[date], zone: ZoneInfo) -> CalendarRow:
    hours: dict[date, list[int]] = {day: [0] * 24 for day in dates}
    sent, scheduled = Counter[date](), Counter[date]()
    for counter, by_day in ((found.sent, sent), (found.scheduled, scheduled)):
        for (sequence, at), count in counter.items():
            local = at.astimezone(zone)
            if sequence == row["id"] and local.date() in hours:
                by_day[local.date()] += count
                hours[local.date()][local.hour] += count
    stopped = {step: count for (sequence, step), count in found.stopped.items() if sequence == row["id"]}
    return CalendarRow(
        row["name"],
        steps=row["steps"],
        cells=tuple(
            CalendarCell(day, sent=sent[day], scheduled=scheduled[day], hours=tuple(hours[day])) for day in dates
        ),
        paused=found.paused[row["id"]],
        is_paused=row["paused_at"] is not None,
        stopped=tuple(StoppedStep(step, count=count) for step, count in sorted(stopped.items())),
        without_sender=found.held[row["id"]],
    )


def _by_day(found: _Found, dates: list[date], zone: ZoneInfo) -> dict[date, tuple[CalendarHour, ...]]:
    """Return the hours of days by their clock, all sequences together."""
    sums = {kind: Counter[tuple[date, int]]() for kind in ("sent", "failed", "scheduled")}
    for kind, counter in (("sent", found.sent), ("failed", found.failed), ("scheduled", found.scheduled)):
        for (_, at), count in counter.items():
            local = at.astimezone(zone)
            sums[kind][local.date(), local.hour] += count
    return {
        day: tuple(CalendarHour(**{kind: sums[kind][day, hour] for kind in sums}) for hour in range(24))
        for day in dates
    }
