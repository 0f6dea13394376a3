"""Spacing of an enrollment's messages: calendars move with what went late, and nothing comes too soon after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.lateness import SECOND, Sent, earliest, moves_by
from dripline.core.sequences.policy import Policy, WhenLate
from dripline.store.database.database import Database, Row, instant
from dripline.store.reasons import stored


@dataclass(frozen=True, slots=True)
class Late:
    """By how much a step went late that was sent, and which it was."""

    step: int
    by: timedelta = field(kw_only=True)


class Spacing:
    """Keeps the distance between messages of one enrollment, on one database. Call all of it inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def move(self, late: Mapping[int, Late], now: datetime) -> None:
        """Move the calendars of enrollments, each by as much as a step of it went late."""
        moves = {
            str(enrollment): {"seconds": of.by // SECOND, **stored(_went_late(of))} for enrollment, of in late.items()
        }
        if moves:
            self._database.change("move_calendars", moves=moves)
            self._database.change("move_records", moves=moves)
            self._database.change("note_moved_records", moves=moves, now=now)

    def move_after(self, records: Mapping[str, None], now: datetime) -> None:
        """Move the calendars of enrollments whose given records went late, or may have, before these go on."""
        self.move(dict(_late(self._database.run("went_late", records=records))), now)

    def hold_back(
        self, records: Mapping[str, None], now: datetime, ready: datetime | None = None
    ) -> dict[int, datetime]:
        """Move what would come too soon after what went before it; returns the new time of each record that moves.

        `ready` is when the steps before them ended (`core.records.lateness.earliest`).
        """
        found = self._database.run("sent_before", records=records)
        held = dict(_held(found, now, ready))
        if held:
            moves = {
                str(record): {"delay": (until - now) // SECOND, **stored(_held_back(is_held_up=until == ready))}
                for record, until in held.items()
            }
            self._database.change("hold_back", records=moves, now=now)
            self._database.change("note_moves", records=moves, now=now)
        return held


def _went_late(late: Late) -> Reason:
    return Reason.of(ReasonCode.LATE_STEP, step=late.step, seconds=late.by // SECOND)


def _held_back(*, is_held_up: bool) -> Reason:
    return Reason.of(ReasonCode.HELD_UP if is_held_up else ReasonCode.TOO_SOON)


def _late(rows: Iterable[Row]) -> Iterable[tuple[int, Late]]:
    for row in rows:
        if row["went_at"] is None:
            continue
        policy = Policy(when_late=row["when_late"], late_grace=row["late_grace_seconds"] * SECOND)
        planned, following = instant(row["planned_time"]), row["next_planned_time"]
        wait = None if following is None else instant(following) - planned
        by = moves_by(policy, planned + row["moved_seconds"] * SECOND, instant(row["went_at"]), wait)
        if by > timedelta(0):
            yield row["enrollment_id"], Late(row["current_step"], by=by)


def _held(rows: Iterable[Row], now: datetime, ready: datetime | None) -> Iterable[tuple[int, datetime]]:
    for record, group in groupby(rows, key=itemgetter("id")):
        before = list(group)
        due, planned = instant(before[0]["next_trigger_time"]), instant(before[0]["planned_time"])
        if due not in (now, planned + before[0]["moved_seconds"] * SECOND):
            continue  # A person gave it this time.
        sent = [
            Sent(min(instant(row["sent_at"]), now), wait=planned - instant(row["sent_planned_time"]))
            for row in before
            if row["sent_at"] is not None
        ]
        until = earliest(WhenLate(before[0]["when_late"]), due, sent, ready)
        if until > due:
            yield record, until
