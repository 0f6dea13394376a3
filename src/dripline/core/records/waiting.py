"""Why what is due has not gone yet: each due message counts under one cause, with the end of that cause. Pure.

What holds all of a sender's or a sequence's messages is asked, not what holds one lead's: hours, gaps and limits of a
single lead give its record another time, so that it is not due meanwhile.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.expected import turn_behind
from dripline.core.senders.lane import Closed, Lane, opening
from dripline.core.senders.sender import SenderStatus
from dripline.core.time.schedule import whole_second

LATE_AFTER = timedelta(minutes=2)
"""How long something that nothing holds may be due before it is late: a processor looks every 15 seconds."""


class WaitCause(StrEnum):
    """What keeps due messages from going. The order is that of weight: what comes first is told of a message."""

    EVERYTHING_PAUSED = "everything_paused"
    SEQUENCE_PAUSED = "sequence_paused"
    STEP_STOPPED = "step_stopped"
    SENDER_PAUSED = "sender_paused"
    CHANNEL_MISSING = "channel_missing"
    SENDER_OFFLINE = "sender_offline"
    CHANNEL_OFFLINE = "channel_offline"
    QUIET_HOURS = "quiet_hours"
    LIMIT = "limit"
    PROVIDER_BUSY = "provider_busy"
    NO_PROCESSOR = "no_processor"
    LATE = "late"
    PACE = "pace"
    NEXT_PASS = "next_pass"  # noqa: S105  (a pass of the processor)


_OF_LANE: Mapping[ReasonCode, WaitCause] = {
    ReasonCode.QUIET_HOURS: WaitCause.QUIET_HOURS,
    ReasonCode.HOURLY_CAP: WaitCause.LIMIT,
    ReasonCode.DAILY_CAP: WaitCause.LIMIT,
    ReasonCode.WARM_UP_CAP: WaitCause.LIMIT,
    ReasonCode.SENDER_RETRY: WaitCause.PROVIDER_BUSY,
    ReasonCode.LANE_UNREADABLE: WaitCause.SENDER_OFFLINE,
}
"""What the reason of a closed lane is a case of; all others are its pace."""


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """Due messages that one cause keeps from going: `count`, or more where `is_more`.

    `sender`, `sequence`, `step` and `channel` name what the cause is about. `since`: since when it holds, where that
    is known. `until`: when it ends, or its last message goes; None where a person has to act. `gap_seconds`: how far
    apart a sender's messages go, of what waits for its pace.
    """

    cause: WaitCause
    count: int = field(kw_only=True)
    is_more: bool = field(default=False, kw_only=True)
    sender: str | None = field(default=None, kw_only=True)
    sequence: str | None = field(default=None, kw_only=True)
    step: int | None = field(default=None, kw_only=True)
    channel: str | None = field(default=None, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)
    gap_seconds: float | None = field(default=None, kw_only=True)
    because: Reason | None = field(default=None, kw_only=True, hash=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that is due, by what it waits for, the gravest cause first.

    `count` is the exact number, whatever the groups are counted up to. `late` are those that nothing holds, and that
    have not gone all the same.
    """

    at: datetime
    count: int = field(kw_only=True)
    due_since: datetime | None = field(kw_only=True)
    groups: tuple[WaitingGroup, ...] = field(kw_only=True)

    @property
    def late(self) -> int:
        """How many have nothing that holds them."""
        return sum(group.count for group in self.groups if group.cause is WaitCause.LATE)


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """The due messages of a sequence that is paused, or of a step that is stopped: `by_sender` counts them."""

    sequence: str
    step: int | None = field(default=None, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    reason: Reason = field(kw_only=True)
    by_sender: Mapping[int | None, int] = field(kw_only=True, hash=False)
    is_more: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class LaneQueue:
    """A sender and the number of messages that are due on its lane, whatever else holds them.

    `lane` is None where its pace or counts cannot be read. `held`: why it is paused. `due_since`: since when the first
    of them is due. `is_sending`: a worker has its turn. `is_missing`: no program here has its channel.
    """

    sender_id: int
    name: str = field(kw_only=True)
    channel: str = field(kw_only=True)
    status: SenderStatus = field(kw_only=True)
    held: Reason | None = field(default=None, kw_only=True)
    lane: Lane | None = field(default=None, kw_only=True)
    count: int = field(kw_only=True)
    is_more: bool = field(default=False, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    due_since: datetime | None = field(default=None, kw_only=True)
    is_sending: bool = field(default=False, kw_only=True)
    is_missing: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ChannelQueue:
    """What is due on a channel by no sender.

    `rest_until`: until when it rests after it gave out. `late`: how many of these have been due for longer than
    `LATE_AFTER`. `is_missing`: no program here has the channel.
    """

    channel: str
    count: int = field(kw_only=True)
    late: int = field(default=0, kw_only=True)
    is_more: bool = field(default=False, kw_only=True)
    due_since: datetime | None = field(default=None, kw_only=True)
    rest_until: datetime | None = field(default=None, kw_only=True)
    rest_reason: Reason | None = field(default=None, kw_only=True)
    is_missing: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due, as it was counted: `count` in all; `has_processor`: whether a processor is at work.

    `paused` and `paused_since`: why everything is, and since when.
    """

    count: int
    since: datetime | None = field(default=None, kw_only=True)
    has_processor: bool = field(kw_only=True)
    paused: Reason | None = field(default=None, kw_only=True)
    paused_since: datetime | None = field(default=None, kw_only=True)
    places: Listing[HeldPlace] = field(default=(), kw_only=True)
    lanes: Listing[LaneQueue] = field(default=(), kw_only=True)
    channels: Listing[ChannelQueue] = field(default=(), kw_only=True)


def waiting_for(due: Due, now: datetime) -> Waiting:
    """Say what everything that is due waits for."""
    if due.paused is not None:
        cause = WaitingGroup(WaitCause.EVERYTHING_PAUSED, count=due.count, since=due.paused_since, because=due.paused)
        groups = [cause] if due.count else []
    else:
        groups = [group for group in _groups(due, now) if group.count]
    order = {cause: place for place, cause in enumerate(WaitCause)}
    groups.sort(key=lambda group: (order[group.cause], -group.count))
    counted = sum(group.count for group in groups)
    # What is counted up to a number is more; else the groups are all there is.
    count = max(due.count, counted) if any(group.is_more for group in groups) else counted
    return Waiting(now, count=count, due_since=due.since if count else None, groups=tuple(groups))


def _groups(due: Due, now: datetime) -> Iterator[WaitingGroup]:
    held: Counter[int | None] = Counter()
    for place in due.places:
        held.update(place.by_sender)
        cause = WaitCause.SEQUENCE_PAUSED if place.step is None else WaitCause.STEP_STOPPED
        yield WaitingGroup(
            cause,
            count=sum(place.by_sender.values()),
            because=place.reason,
            sequence=place.sequence,
            step=place.step,
            since=place.since,
            is_more=place.is_more,
        )
    for queue in due.lanes:
        yield _of_lane(queue, max(0, queue.count - held[queue.sender_id]), due, now)
    for channel in due.channels:
        yield from _of_channel(channel, due, now)


def _of_lane(queue: LaneQueue, count: int, due: Due, now: datetime) -> WaitingGroup:
    if queue.status is not SenderStatus.ACTIVE:
        cause = WaitCause.SENDER_OFFLINE if is_offline(queue.held) else WaitCause.SENDER_PAUSED
        return WaitingGroup(
            cause, count=count, because=queue.held, sender=queue.name, since=queue.since, is_more=queue.is_more
        )
    if queue.is_missing:
        return WaitingGroup(
            WaitCause.CHANNEL_MISSING, count=count, sender=queue.name, channel=queue.channel, is_more=queue.is_more
        )
    if queue.lane is None:
        unreadable = Reason(ReasonCode.LANE_UNREADABLE)
        return WaitingGroup(
            WaitCause.SENDER_OFFLINE, count=count, because=unreadable, sender=queue.name, is_more=queue.is_more
        )
    cause, reason, until = _wait_of(queue.lane, queue, due, now)
    shortest, longest = queue.lane.pace.gaps
    apart = (shortest + longest) / 2 / queue.lane.pace.burst
    if cause is WaitCause.PACE:
        until = whole_second(turn_behind(queue.lane, max(0, count - 1), now))
    return WaitingGroup(
        cause,
        count=count,
        because=reason,
        sender=queue.name,
        since=queue.since if cause is WaitCause.SENDER_OFFLINE else None,
        until=until,
        is_more=queue.is_more,
        gap_seconds=apart.total_seconds() if cause is WaitCause.PACE else None,
    )


def is_offline(held: Reason | None) -> bool:
    """Return whether a sender that is held cannot send for its account, and not since a person paused it."""
    return held is not None and held.code in {
        ReasonCode.NEEDS_PAIRING,
        ReasonCode.ACCOUNT_UNWELL,
        ReasonCode.CREDENTIAL_LOCKED,
        ReasonCode.CREDENTIAL_UNUSABLE,
        ReasonCode.WARM_REFUSED,
    }


def _wait_of(lane: Lane, queue: LaneQueue, due: Due, now: datetime) -> tuple[WaitCause, Reason | None, datetime | None]:
    """Return what an active sender's lane waits for: its break, its hours and limits, and else its pace."""
    closed = opening(lane, now)
    if lane.free_at > now:
        reason = lane.wait_reason or Reason(ReasonCode.PACE)
        cause = WaitCause.SENDER_OFFLINE if lane.is_trying else _OF_LANE.get(reason.code, WaitCause.PACE)
        if cause is not WaitCause.PACE:
            return cause, reason, lane.free_at
    if isinstance(closed, Closed) and closed.until > now:
        return _OF_LANE[closed.reason.code], closed.reason, closed.until
    if not due.has_processor:
        return WaitCause.NO_PROCESSOR, None, None
    overdue = lane.free_at if queue.due_since is None else max(lane.free_at, queue.due_since)
    if overdue < now - LATE_AFTER and not queue.is_sending:
        return WaitCause.LATE, None, None
    return WaitCause.PACE, None, None


def _of_channel(queue: ChannelQueue, due: Due, now: datetime) -> Iterator[WaitingGroup]:
    rests = queue.rest_until is not None and queue.rest_until > now
    late = 0
    if queue.is_missing:
        cause = WaitCause.CHANNEL_MISSING
    elif rests:
        cause = WaitCause.CHANNEL_OFFLINE
    elif not due.has_processor:
        cause = WaitCause.NO_PROCESSOR
    else:
        cause, late = WaitCause.NEXT_PASS, queue.late
    yield WaitingGroup(WaitCause.LATE, count=late, channel=queue.channel, since=queue.due_since, is_more=queue.is_more)
    yield WaitingGroup(
        cause,
        count=queue.count - late,
        because=queue.rest_reason if rests else None,
        channel=queue.channel,
        until=queue.rest_until if cause is WaitCause.CHANNEL_OFFLINE else None,
        is_more=queue.is_more,
    )
