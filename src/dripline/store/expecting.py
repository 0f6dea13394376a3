"""When open records will really go: what the forecast asks of the database, for whole enrollments at once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from dripline.core.expected import Expected, LaneAhead, Obstacle, OpenRecord, expectations, obstacle
from dripline.core.explain import words
from dripline.core.policy import OnUnknown
from dripline.core.rules import Rules
from dripline.core.sender import SenderStatus
from dripline.core.states import Status
from dripline.store.claiming import Claiming, calendar_time
from dripline.store.database import Database, Row, instant_or_none
from dripline.store.lanes import lane_of
from dripline.store.reasons import known_reason_of, reason_of
from dripline.store.store import keys

MOST_AHEAD = 1_000
"""Up to how many messages before a record on its lane are counted; a list then says "at the earliest"."""


class Expecting:
    """Forecasts open records, on one database. Writes and locks nothing."""

    def __init__(self, database: Database, claiming: Claiming) -> None:
        self._database = database
        self._claiming = claiming

    def of(self, enrollments: Iterable[int], now: datetime) -> dict[int, Expected]:
        """Return what is expected of the open records of enrollments, by record id."""
        rows = self._database.run("records_to_come", enrollments=keys(enrollments))
        if not rows:
            return {}
        found = self._claiming.asked((row["id"] for row in rows), now)
        asked = {row["id"]: (found.rules[row["id"]], calendar_time(row)) for row in found.rows}
        lanes = self._lanes(rows, now)
        expected: dict[int, Expected] = {}
        for _, run in groupby(rows, key=lambda row: row["enrollment_id"]):
            records = [_open(row, asked, lanes.get(row["id"])) for row in run if row["id"] in asked]
            expected |= zip((record.record_id for record in records), expectations(records, now), strict=True)
        return expected

    def _lanes(self, rows: list[Row], now: datetime) -> dict[int, LaneAhead]:
        """Return the lanes that records go by, each with what is due before the record, by record id."""
        paced = [row for row in rows if row["sender_id"] is not None]
        if not paced:
            return {}
        senders = keys({row["sender_id"] for row in paced})
        lanes = {
            row["id"]: LaneAhead(
                replace(lane_of(row), wait_reason=reason_of(row, "wait")), ahead=row["due"], held=_held(row)
            )
            for row in self._database.run("lanes_ahead", senders=senders, now=now, most=MOST_AHEAD)
        }
        due = [row["id"] for row in paced if row["status"] == Status.ACTIVE]
        busy = keys(due) if any(lane.ahead for lane in lanes.values()) else {}
        found = self._database.run("ahead_of_records", records=busy, most=MOST_AHEAD) if busy else []
        ahead = {row["id"]: row["ahead"] for row in found}
        return {
            row["id"]: replace(lane, ahead=min(lane.ahead, ahead.get(row["id"], lane.ahead)))
            for row in paced
            if (lane := lanes.get(row["sender_id"])) is not None
        }


def _open(row: Row, asked: dict[int, tuple[Rules, datetime]], lane: LaneAhead | None) -> OpenRecord:
    rules, calendar_time = asked[row["id"]]
    return OpenRecord(
        row["id"],
        step=row["current_step"],
        status=Status(row["status"]),
        rules=rules,
        calendar_time=calendar_time,
        pauses=tuple(_pauses(row)),
        lane=lane,
        held_until=None if row["on_unknown"] == OnUnknown.HOLD else instant_or_none(row["lease_until"]),
    )


def _pauses(row: Row) -> Iterable[Obstacle]:
    pauses = {
        "everything is paused": reason_of(row, "workspace"),
        "its sequence is paused": reason_of(row, "sequence"),
        "its step is paused": reason_of(row, "step"),
    }
    return (obstacle(reason, f"{what}: {words(reason)}") for what, reason in pauses.items() if reason is not None)


def _held(row: Row) -> str | None:
    """Return why a sender sends nothing; None where it may."""
    return None if row["status"] == SenderStatus.ACTIVE else f"{row['status']}: {words(known_reason_of(row))}"
