"""What waits for a person, and what operators know of it already."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta

from dripline.core.alerts import (
    CLOCK,
    Alert,
    broken_channel,
    broken_sender,
    closed_mailbox,
    disabled_subscription,
    maybe_stopped,
    missing_channel,
    paused_step,
    restored_copy,
    unknown_records,
    wrong_clock,
)
from dripline.store.database.database import Database, Row
from dripline.store.database.server_time import REPORTED_FROM
from dripline.store.enrollments.store import keys
from dripline.store.queries.timeline import Timelines
from dripline.store.reasons import known_reason_of, reason_of
from dripline.store.senders.hours_never_meet import MeetingHours
from dripline.store.senders.notices import Notices

AGAIN = timedelta(days=1)
"""After how long an operator is told again of what has not changed."""

LOOKED_INTO_FOR = timedelta(hours=1)
"""A mailbox that nobody has looked into for so long is no mailbox of anybody's any more."""

MISSING_AFTER = timedelta(minutes=10)
"""How long something is due before its channel is taken for missing: another process may have it."""


class Alerts:
    """Finds what waits for a person, on one database."""

    def __init__(self, database: Database, reads: Timelines) -> None:
        self._database = database
        self._reads = reads
        self._hours = MeetingHours(database)
        self._notices = Notices(database)

    def found(self, channels: Iterable[str], now: datetime) -> list[Alert]:
        """Return everything that waits for a person now; `channels` are those that this process has."""
        missing: Mapping[str, int] = self._reads.waiting_for_channel(channels, now - MISSING_AFTER)
        return [
            *self.standing(now),
            *(missing_channel(channel, waiting) for channel, waiting in missing.items()),
        ]

    def standing(self, now: datetime) -> list[Alert]:
        """Return what waits for a person, but channels that are missing: its cost does not grow with what is due."""
        return [
            *map(_alert, self._database.run("troubles")),
            *self._hours.alerts(now),
            *self._notices.alerts(now),
            *self._closed_mailboxes(now),
            *self.of_this_machine(),
        ]

    def _closed_mailboxes(self, now: datetime) -> Iterator[Alert]:
        for row in self._database.run("closed_mailboxes", since=now - LOOKED_INTO_FOR):
            yield closed_mailbox(row["channel"], row["name"], row["problem"])

    def of_this_machine(self) -> list[Alert]:
        """Return what is wrong with the machine that this runs on."""
        behind = self._database.clock_behind()
        return [wrong_clock(behind)] if abs(behind) > REPORTED_FROM else []

    def take_unreported(self, alerts: Listing[Alert], now: datetime) -> list[Alert]:
        """Return the alerts not reported yet, and mark them as reported; those that are over are deleted."""
        given = {alert.thing: {"state": alert.state} for alert in alerts if alert.thing != CLOCK}
        with self._database.transaction():
            self._database.change("settle_alerts", things=keys(given), again=now - AGAIN)
            noted = self._database.run("note_alerts", troubles=given, now=now, again=now - AGAIN) if given else []
        unreported = {row["thing"] for row in noted}
        return [alert for alert in alerts if alert.thing in unreported]

    def take_back(self, alerts: Iterable[Alert]) -> None:
        """Mark as unreported what could not be sent."""
        with self._database.transaction():
            self._database.change("take_back_alerts", things=keys(alert.thing for alert in alerts))


def _alert(row: Row) -> Alert:
    match row["kind"]:
        case "sender":
            return broken_sender(row["name"], reason_of(row))
        case "channel":
            return broken_channel(row["name"], reason_of(row))
        case "step":
            return paused_step(row["id"], row["name"], row["number"], known_reason_of(row))
        case "unknown":
            return unknown_records(row["id"], row["name"], row["number"])
        case _:
            return _of_its_own(row)


def _of_its_own(row: Row) -> Alert:
    """Say what waits for a person that is about no sender and no sequence."""
    match row["kind"]:
        case "subscription":
            return disabled_subscription(row["id"])
        case "doubts":
            return maybe_stopped(row["number"], row["id"])
        case _:
            return restored_copy()
