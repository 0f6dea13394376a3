"""Why a record stands where it stands, in one sentence made of what is stored."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.model import StepRecord
from dripline.core.states import Status


@dataclass(frozen=True, slots=True)
class LaneState:
    """What a record that is due may wait for: `held` says why its sender is paused, `due` how many wait on its lane."""

    name: str
    free_at: datetime = field(kw_only=True)
    wait_reason: str | None = field(default=None, kw_only=True)
    held: str | None = field(default=None, kw_only=True)
    due: int = field(default=0, kw_only=True)


def why(record: StepRecord, now: datetime, lane: LaneState | None = None) -> str:
    """Say why a record has not gone out, or when and how it ended. `lane` is its sender's, if it goes by one."""
    match record.status:
        case Status.PENDING:
            return f"waits for step {record.current_step - 1} to end, then for {_at(record.next_trigger_time)}"
        case Status.ACTIVE:
            return _active(record, now, lane)
        case Status.SENDING:
            return f"is being sent (try {record.attempt})"
        case Status.COMPLETED:
            return f"accepted at {_at(record.completed_at)}{_late(record)}"
        case Status.UNKNOWN:
            after = (
                "the sequence went on without it"
                if record.ended_at
                else "the sequence waits for its answer, or for a person"
            )
            return f"{record.reason}; {after}"
        case Status.PAUSED | Status.FAILED | Status.SKIPPED | Status.CANCELLED:
            return f"{record.reason or 'paused'}{f' at {_at(record.ended_at)}' if record.ended_at else ''}"


def _active(record: StepRecord, now: datetime, lane: LaneState | None) -> str:
    because = f", since {record.reason}" if record.reason else ""
    if record.next_trigger_time <= now:
        if lane is not None and (waits := _waits(lane, now)):
            return f"due since {_at(record.next_trigger_time)}: {waits}{because}"
        return f"due since {_at(record.next_trigger_time)}: goes at the processor's next pass{because}"
    if record.next_trigger_time > record.planned_time:
        return f"planned for {_at(record.planned_time)}, moved to {_at(record.next_trigger_time)}{because}"
    return f"waits for {_at(record.next_trigger_time)}"


def _waits(lane: LaneState, now: datetime) -> str | None:
    """Say what a lane waits for; None where it is free."""
    if lane.held is not None:
        return f"its sender {lane.name} is held: {lane.held}"
    if lane.free_at > now:
        return f"waits for its sender {lane.name}, free at {_at(lane.free_at)} ({lane.wait_reason or 'its pace'})"
    return f"waits for its turn on {lane.name}, behind {lane.due - 1} others" if lane.due > 1 else None


def _late(record: StepRecord) -> str:
    assert record.completed_at is not None
    late = record.completed_at - record.planned_time
    return f", {late} after its planned time" if late >= timedelta(minutes=1) else ""


def _at(instant: datetime | None) -> str:
    assert instant is not None
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
