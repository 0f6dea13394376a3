"""What a person looks at first, read so that its cost does not grow with what is stored."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dripline.core.alerts import Alert, unfinished_import, unwell_sender
from dripline.core.queries.report import DAY, HOUR, StatusGroup, hour_of
from dripline.core.views.today import DayResults, NextUp, Today, needs_of
from dripline.store.database.database import Database, Row, instant
from dripline.store.imports.imports import SILENCE
from dripline.store.operations.alerts import Alerts
from dripline.store.operations.workers import is_at_work
from dripline.store.operations.workspace import Workspaces
from dripline.store.reasons import known_reason_of
from dripline.store.records.expected import Expecting
from dripline.store.reports.reporting import Reporting
from dripline.store.today.calendar import Calendars
from dripline.store.today.waiting import WaitingReport

RECEIPTS_COUNTED = 5_000
"""Of how many messages it is counted how far they have come."""

LOOKED_AHEAD = 500
"""How many of the records that are due next are looked at."""

GROUPS_ASKED = 12
"""Of how many of their steps it is asked when they will go: those that wait for a person are left out."""

NEXT_SHOWN = 5

IMPORTS_SHOWN_FOR = timedelta(days=7)
"""How old a list may be that came in only in part, to be receipts of."""

DAYS_BEFORE, DAYS_SHOWN = timedelta(days=3), 7


@dataclass(slots=True)
class _Group:
    """Records of one step that are due within an hour of the first."""

    row: Row
    last: Row
    count: int = 1


class TodayReport:
    """Says what a person looks at first, on one database; `waiting` and `calendars` tell more of two parts of it."""

    def __init__(
        self, database: Database, reporting: Reporting, alerts: Alerts, expecting: Expecting, workspaces: Workspaces
    ) -> None:
        self._database = database
        self._reporting = reporting
        self._alerts = alerts
        self._expecting = expecting
        self.waiting = WaitingReport(database, reporting, workspaces)
        self.calendars = Calendars(database, reporting, workspaces)

    def of(self, channels: Collection[str], now: datetime) -> Today:
        """Return everything as of one instant; `channels` are those that this process has."""
        with self._database.snapshot():
            overview = self._reporting.overview(now, back=DAY, ahead=timedelta(0))
            waiting = self.waiting.of(channels, now)
            alerts = [*self._alerts.standing(now), *self._own_alerts(now)]
            zone = ZoneInfo(self.calendars.zone())
            week = self.calendars.of(now.astimezone(zone).date() - DAYS_BEFORE, DAYS_SHOWN, now)
            return Today(
                now,
                results=self._results(now),
                needs=needs_of(alerts, waiting),
                waiting=waiting,
                next_up=tuple(self._next_up(now)),
                week=week,
                sequences=overview.sequences,
                leads=overview.leads,
                has_processor=is_at_work(self._database, now),
            )

    def _own_alerts(self, now: datetime) -> Iterator[Alert]:
        for row in self._database.run("unwell_senders"):
            yield unwell_sender(row["name"], known_reason_of(row))
        since, silent = now - IMPORTS_SHOWN_FOR, now - SILENCE
        for row in self._database.run("unfinished_imports", since=since, silent=silent):
            yield unfinished_import(row["id"], row["name"], row["rows_done"])

    def _results(self, now: datetime) -> DayResults:
        """Count what went lately: by the tallies, and how far it has come by the latest tries."""
        since = hour_of(now) - DAY + HOUR
        sums = self._reporting.between(since, hour_of(now) + HOUR)
        receipts = {
            row["delivery"]: row["many"]
            for row in self._database.run("receipts_since", since=since, most=RECEIPTS_COUNTED)
        }
        read = receipts.get("read", 0)
        return DayResults(
            sent=sums[StatusGroup.COMPLETED],
            failed=sums[StatusGroup.FAILED] + sums[StatusGroup.UNKNOWN],
            delivered=receipts.get("delivered", 0) + read,
            read=read,
            undelivered=receipts.get("failed", 0),
            receipts_of=sum(receipts.values()),
        )

    def _next_up(self, now: datetime) -> Iterator[NextUp]:
        """Yield the steps whose messages go next, at the time at which they will go."""
        rows = self._database.run("soonest", now=now, most=LOOKED_AHEAD)
        groups = list(_grouped(rows))[:GROUPS_ASKED]
        ends = {row["enrollment_id"] for group in groups for row in (group.row, group.last)}
        expected = self._expecting.of(ends, now)
        coming: list[NextUp] = []
        for group in groups:
            first, last = expected.get(group.row["id"]), expected.get(group.last["id"])
            if first is None or first.at is None or last is None:
                continue
            coming.append(
                NextUp(
                    group.row["name"],
                    step=group.row["current_step"],
                    count=group.count,
                    is_more=len(rows) == LOOKED_AHEAD and group.last is rows[-1],
                    at=first.at,
                    until=max(first.at, last.at or first.at),
                )
            )
        yield from sorted(coming, key=lambda one: one.at)[:NEXT_SHOWN]


def _grouped(rows: list[Row]) -> Iterator[_Group]:
    """Yield the records that are due next by their steps, hour by hour, in the order of the first of each."""
    open_groups: dict[tuple[int, int], _Group] = {}
    found: list[_Group] = []
    for row in rows:
        key = row["sequence_id"], row["current_step"]
        group = open_groups.get(key)
        begun = None if group is None else instant(group.row["next_trigger_time"])
        if group is None or begun is None or instant(row["next_trigger_time"]) - begun >= HOUR:
            open_groups[key] = group = _Group(row, row)
            found.append(group)
        else:
            group.last = row
            group.count += 1
    yield from found
