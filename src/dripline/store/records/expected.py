"""When open records will really go: what the forecast asks of the database, for whole enrollments at once."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, islice

from dripline.core.explain import words
from dripline.core.planning.version_move import VersionMove
from dripline.core.records.expected import Expected, LaneAhead, Obstacle, OpenRecord, expectations, obstacle
from dripline.core.records.rules import Rules
from dripline.core.senders.sender import SenderStatus
from dripline.core.sequences.policy import OnUnknown
from dripline.core.sequences.sequence import Sequence
from dripline.core.states import Status
from dripline.store.database.database import Database, Row, instant_or_none
from dripline.store.enrollments.store import keys
from dripline.store.reasons import known_reason_of, reason_of
from dripline.store.records.claim import Claiming
from dripline.store.records.claim_lanes import readable_lane
from dripline.store.records.claimed import calendar_time
from dripline.store.rows import Bounds, zones_of

AHEAD_LIMIT = 1_000
"""Up to how many messages before a record on its lane are counted; a list then says "at the earliest"."""

MOVES_AT_ONCE = 1_000
"""How many enrollments that go over are asked about at a time."""


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

    def of_moves(self, moves: Iterable[VersionMove], wanted: Sequence, now: datetime) -> dict[int, Expected]:
        """Return when enrollments that go over to a wanted sequence will send their next step, by enrollment id.

        Each is asked as it stands, at its new time, and with the hours, the zone and the policy that it goes over to.
        """
        going = {move.enrollment_id: move for move in moves if move.new_time is not None}
        expected: dict[int, Expected] = {}
        rest = iter(going.items())
        while page := dict(islice(rest, MOVES_AT_ONCE)):
            expected |= self._of_moves(page, wanted, now)
        return expected

    def _of_moves(self, going: Mapping[int, VersionMove], wanted: Sequence, now: datetime) -> dict[int, Expected]:
        rows = self._database.run("records_to_come", enrollments=keys(going))
        first = {row["enrollment_id"]: row for row in reversed(rows)}
        asked = self._claiming.asked((row["id"] for row in first.values()), now)
        bounds = self._bounds_of(wanted)
        lanes = self._lanes(list(first.values()), now)
        expected: dict[int, Expected] = {}
        for row in asked.rows:
            move = going[row["enrollment_id"]]
            rules = _going_over(asked.rules[row["id"]], row, move, bounds)
            own = first[move.enrollment_id]
            record = replace(
                _open(own, {row["id"]: (rules, rules.due)}, lanes.get(row["id"])),
                pauses=tuple(_pauses(own, step=False)),
            )
            expected[move.enrollment_id] = expectations([record], now)[0]
        return expected

    def _bounds_of(self, wanted: Sequence) -> list[Bounds]:
        """Return the bounds that a sequence will set for its steps, in their order."""
        row = self._database.run("workspace")[0]
        gap = timedelta(seconds=row["min_gap_seconds"]) if wanted.policy.gap is None else wanted.policy.gap
        return [
            Bounds(
                wanted.policy,
                window=step.hours_within(wanted.hours),
                sequence_zone=wanted.zone,
                workspace_zone=row["zone"],
                min_gap=gap,
                daily_cap=row["daily_cap"],
                wait_after=next((later.wait for later in wanted.steps[at:] if later.wait), None),
            )
            for at, step in enumerate(wanted.steps, start=1)
        ]

    def _lanes(self, rows: list[Row], now: datetime) -> dict[int, LaneAhead]:
        """Return the lanes that records go by, each with what is due before the record, by record id."""
        paced = [row for row in rows if row["sender_id"] is not None]
        if not paced:
            return {}
        senders = keys({row["sender_id"] for row in paced})
        lanes = {
            row["id"]: LaneAhead(replace(lane, wait_reason=reason_of(row, "wait")), ahead=row["due"], held=_held(row))
            for row in self._database.run("lanes_ahead", senders=senders, now=now, most=AHEAD_LIMIT)
            if (lane := readable_lane(row)) is not None
        }
        due = [row["id"] for row in paced if row["status"] == Status.ACTIVE]
        busy = keys(due) if any(lane.ahead for lane in lanes.values()) else {}
        found = self._database.run("ahead_of_records", records=busy, most=AHEAD_LIMIT) if busy else []
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
        channel_rest=_channel_rest(row),
        held_until=None if row["on_unknown"] == OnUnknown.HOLD else instant_or_none(row["lease_until"]),
    )


def _channel_rest(row: Row) -> Obstacle | None:
    until, reason = instant_or_none(row["channel_rest_until"]), reason_of(row, "channel")
    if until is None or reason is None:
        return None
    return obstacle(reason, f"its channel {row['channel']} ({words(reason)})", until=until)


def _going_over(rules: Rules, row: Row, move: VersionMove, bounds: Listing[Bounds]) -> Rules:
    """Return what will be asked of a record's successor: the rules of its step, at its new time."""
    assert move.step is not None
    assert move.new_time is not None
    new = bounds[move.step - 1]
    return replace(
        rules,
        due=move.new_time,
        policy=new.policy,
        wait_after=new.wait_after,
        window=new.window,
        zones=("UTC",) if new.window is None else zones_of(row, new),
        min_gap=new.min_gap,
    )


def _pauses(row: Row, *, step: bool = True) -> Iterable[Obstacle]:
    """Return what is paused around a record; without its `step`, the pauses that its successor has as well."""
    pauses = {
        "everything is paused": reason_of(row, "workspace"),
        "its sequence is paused": reason_of(row, "sequence"),
        "its step is paused": reason_of(row, "step") if step else None,
    }
    return (obstacle(reason, f"{what}: {words(reason)}") for what, reason in pauses.items() if reason is not None)


def _held(row: Row) -> str | None:
    """Return why a sender sends nothing; None where it may."""
    return None if row["status"] == SenderStatus.ACTIVE else f"{row['status']}: {words(known_reason_of(row))}"
