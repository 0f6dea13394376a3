"""Why a record stands where it stands, or went when it did, in one sentence made of what is stored."""

from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dripline.core.events.inbound import Delivery
from dripline.core.explain import words_of_move
from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.expected import Expected, Obstacle
from dripline.core.records.record import StepRecord
from dripline.core.states import Status

NOTABLE = timedelta(minutes=1)
"""From how late on a record that went is said to have gone late."""


@dataclass(frozen=True, slots=True)
class TimeChange:
    """One move of a record's time: to when, and by what: in words, and as a code with its facts."""

    moved_to: datetime
    reason: str = field(kw_only=True)
    reason_code: ReasonCode = field(kw_only=True)
    reason_facts: Mapping[str, object] = field(kw_only=True, hash=False)


def time_change(moved_to: datetime, reason: Reason) -> TimeChange:
    """Return a move for a reason."""
    return TimeChange(moved_to, reason=words_of_move(reason), reason_code=reason.code, reason_facts=reason.facts)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How far the provider's receipts say that an accepted message came, and why it did not arrive if it failed."""

    state: Delivery
    at: datetime | None = field(default=None, kw_only=True)
    error: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Around:
    """What a record's answer is made of, besides itself.

    `moves` of its time in order; `expected`: when an open record will really go, and what it waits for; `sender`: by
    whom it goes or went; `delivery`: what became of it once the provider had it; `zone`: where its lead is, whose
    clock the sentence goes by.
    """

    moves: Listing[TimeChange] = field(default=(), kw_only=True)
    expected: Expected | None = field(default=None, kw_only=True)
    sender: str | None = field(default=None, kw_only=True)
    delivery: DeliveryReport | None = field(default=None, kw_only=True)
    zone: str = field(default="UTC", kw_only=True)

    def at(self, instant: datetime | None) -> str:
        """Write an instant by the lead's clock."""
        assert instant is not None
        return by_clock_of(self.zone, instant)


def by_clock_of(zone: str, instant: datetime) -> str:
    """Write an instant to the second by the clock of a zone, with that zone's name."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %Z}"


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
            due = around.at(record.next_trigger_time)
            return f"waits for step {record.current_step - 1} to end, then for {due}{_ahead(record, now, around)}"
        case Status.ACTIVE:
            return _active(record, now, around)
        case Status.PAUSED:
            return f"paused: {record.reason}{_ahead(record, now, around)}" if record.reason else "paused"
        case Status.SENDING:
            return f"is being sent (try {record.attempt})"
        case _:
            return _ended(record, around)


def _ended(record: StepRecord, around: Around) -> str:
    match record.status:
        case Status.COMPLETED:
            return _completed(record, around)
        case Status.UNKNOWN:
            waiting = "the sequence waits for its answer, or for a person"
            return f"{record.reason}; {'the sequence went on without it' if record.ended_at else waiting}"
        case _:
            return f"{record.reason} at {around.at(record.ended_at)}"


def _active(record: StepRecord, now: datetime, around: Around) -> str:
    # A move says its reason itself; what else is written there is a failed try or a person's word.
    moved = around.moves[-1] if around.moves else None
    is_said = moved is not None and (moved.reason_code, moved.reason_facts) == (record.reason_code, record.reason_facts)
    because = f", since {record.reason}" if record.reason and not is_said else ""
    due = around.at(record.next_trigger_time)
    if record.next_trigger_time > now:
        return f"waits for {due}{because}{_ahead(record, now, around)}"
    ahead = _ahead(record, now, around) or ": goes at the processor's next pass"
    return f"due since {due}{because}{ahead}"


def _ahead(record: StepRecord, now: datetime, around: Around) -> str:
    """Say what else an open record waits for, the longest first, and when it is expected to go."""
    expected = around.expected
    if expected is None:
        return ""
    if expected.never is not None:
        when = "at the next pass" if record.next_trigger_time <= now else "when its time comes"
        return f": is not sent {when}: {expected.never}"
    # A paused record says its own pause itself.
    own = (record.reason_code, record.reason_facts) if record.status is Status.PAUSED else None
    waits = [
        _obstacle(one, around)
        for one in expected.obstacles
        if own is None or (one.reason_code, one.reason_facts) != own
    ]
    at = f"; expected at {around.at(expected.at)}" if expected.is_later_than(record.next_trigger_time, now) else ""
    return f": {', '.join(waits)}{at}" if waits else at


def _obstacle(obstacle: Obstacle, around: Around) -> str:
    if obstacle.until is None:
        return obstacle.reason
    return f"waits for {obstacle.reason} until {around.at(obstacle.until)}"


def _completed(record: StepRecord, around: Around) -> str:
    assert record.completed_at is not None
    late = record.completed_at - record.planned_time
    by = f" by {around.sender}" if around.sender is not None else ""
    lateness = f", {late} after its planned time" if late >= NOTABLE else ""
    return f"accepted{by} at {around.at(record.completed_at)}{lateness}{_delivered(around)}"


def _delivered(around: Around) -> str:
    """Say what the provider reported after it had accepted the message."""
    delivery = around.delivery
    if delivery is None or delivery.state is Delivery.SENT:
        return ""
    at = "" if delivery.at is None else f" at {around.at(delivery.at)}"
    if delivery.state is Delivery.FAILED:
        return f", but not delivered: the provider reported{at}: {delivery.error or 'no reason'}"
    return f", {delivery.state}{at}"
