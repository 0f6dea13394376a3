"""Why a record stands where it stands, or went when it did, in one sentence made of what is stored."""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dripline.core.decide import Cancel, Skip
from dripline.core.model import StepRecord
from dripline.core.rules import Hold, Rules, Wait, turn_away, waits
from dripline.core.states import Status

NOTABLE = timedelta(minutes=1)
"""From how late on a record that went is said to have gone late."""


@dataclass(frozen=True, slots=True)
class LaneState:
    """What a record that is due may wait for: `held` says why its sender is paused, `due` how many wait on its lane."""

    name: str
    free_at: datetime = field(kw_only=True)
    wait_reason: str | None = field(default=None, kw_only=True)
    held: str | None = field(default=None, kw_only=True)
    due: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a record's time: to when, and by what."""

    moved_to: datetime
    reason: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Around:
    """What a record's answer is made of, besides itself.

    `moves` of its time in order; `lane` of its sender, if it goes by one; `held`: what keeps it from being claimed
    although it is due, such as a pause of its sequence; `rules`: what the claim will ask, for what lies ahead of it;
    `zone`: where its lead is, whose clock the sentence goes by.
    """

    moves: Listing[Move] = field(default=(), kw_only=True)
    lane: LaneState | None = field(default=None, kw_only=True)
    held: str | None = field(default=None, kw_only=True)
    rules: Rules | None = field(default=None, kw_only=True)
    zone: str = field(default="UTC", kw_only=True)

    def at(self, instant: datetime | None) -> str:
        """Write an instant by the lead's clock."""
        assert instant is not None
        return f"{instant.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M:%S %Z}"


def why(record: StepRecord, now: datetime, around: Around) -> str:
    """Say why a record has not gone out, or when and how it ended."""
    parts = [*_history(record, around), _stand(record, now, around)]
    return "; ".join(parts)


def _history(record: StepRecord, around: Around) -> list[str]:
    """Say what the sequence meant, and each move of the record's time since; nothing where it never moved."""
    moves = [f"moved to {around.at(move.moved_to)} by {move.reason}" for move in around.moves]
    return [f"planned for {around.at(record.planned_time)}", *moves] if moves else []


def _stand(record: StepRecord, now: datetime, around: Around) -> str:
    match record.status:
        case Status.PENDING:
            return f"waits for step {record.current_step - 1} to end, then for {_ahead(record, around)}"
        case Status.ACTIVE:
            return _active(record, now, around)
        case Status.SENDING:
            return f"is being sent (try {record.attempt})"
        case Status.COMPLETED:
            return _completed(record, around)
        case _:
            return _otherwise(record, around)


def _otherwise(record: StepRecord, around: Around) -> str:
    match record.status:
        case Status.UNKNOWN:
            waiting = "the sequence waits for its answer, or for a person"
            return f"{record.reason}; {'the sequence went on without it' if record.ended_at else waiting}"
        case Status.PAUSED:
            return f"paused: {record.reason}" if record.reason else "paused"
        case _:
            return f"{record.reason} at {around.at(record.ended_at)}"


def _active(record: StepRecord, now: datetime, around: Around) -> str:
    # A move says its reason itself; what else is written there is a failed try or a person's word.
    told = around.moves[-1].reason if around.moves else None
    because = f", since {record.reason}" if record.reason and not (told or "").endswith(record.reason) else ""
    if record.next_trigger_time > now:
        return f"waits for {_ahead(record, around)}{because}"
    since = f"due since {around.at(record.next_trigger_time)}"
    if around.held is not None:
        return f"{since}: {around.held}{because}"
    if around.rules is not None and (coming := _coming(around.rules, now, around)):
        return f"{since}: {coming}{because}"
    if around.lane is not None and (standing := _waits(around.lane, now, around)):
        return f"{since}: {standing}{because}"
    return f"{since}: goes at the processor's next pass{because}"


def _coming(rules: Rules, now: datetime, around: Around) -> str | None:
    """Say what the next claim will do to a record that is due, as things stand; None where it lets it go."""
    match turn_away(rules, now):
        case None:
            return None
        case Wait(until, reason=reason):
            return f"waits until {around.at(until)} for {reason}"
        case Skip(reason) | Hold(reason) | Cancel(reason):
            return f"is not sent at the next pass: {reason}"


def _ahead(record: StepRecord, around: Around) -> str:
    """Say when a record is due, and what the claim will say to it then, as things stand."""
    due = around.at(record.next_trigger_time)
    wait = None if around.rules is None else waits(around.rules, record.next_trigger_time)
    return due if wait is None else f"{due}, and then until {around.at(wait.until)} for {wait.reason}"


def _completed(record: StepRecord, around: Around) -> str:
    assert record.completed_at is not None
    late = record.completed_at - record.planned_time
    by = f" by {around.lane.name}" if around.lane is not None else ""
    told = f", {late} after its planned time" if late >= NOTABLE else ""
    return f"accepted{by} at {around.at(record.completed_at)}{told}"


def _waits(lane: LaneState, now: datetime, around: Around) -> str | None:
    """Say what a lane waits for; None where it is free."""
    if lane.held is not None:
        return f"its sender {lane.name} is held: {lane.held}"
    if lane.free_at > now:
        return f"waits for its sender {lane.name}, free at {around.at(lane.free_at)} ({lane.wait_reason or 'its pace'})"
    return f"waits for its turn on {lane.name}, behind {lane.due - 1} others" if lane.due > 1 else None
