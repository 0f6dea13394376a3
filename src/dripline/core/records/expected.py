"""When an open record will really go, and what it waits for: a pure forecast from what the claim would ask.

A record's `next_trigger_time` is the earliest instant at which it may go. Windows, gaps, caps, its sender's lane and
pauses come on top. The forecast asks them all, as things stand now; what changes later (a reply, an edit, a provider
that fails) is not foreseen.
"""

from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dripline.core.explain import words
from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.lateness import Sent, earliest, moves_by
from dripline.core.records.rules import Cancel, Hold, Rules, Skip, Wait, each_wait, turn_away
from dripline.core.senders.lane import Closed, Lane, opening, room, sent_by
from dripline.core.sequences.policy import WhenLate
from dripline.core.states import Status
from dripline.core.time.schedule import whole_second

SETTLING_LIMIT = 20
"""How often rules and lane are asked in turn before their latest answer is taken; they agree in two or three."""

LANE_LIMIT = 400
"""How often a lane is let fill its caps before the latest answer is taken: a year of full days."""

WITHOUT_END = timedelta.max
"""How long an obstacle lasts that only a person removes."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a record from going: until `until`, or until somebody acts where that is None."""

    reason: str
    until: datetime | None = field(default=None, kw_only=True)
    reason_code: ReasonCode | None = field(default=None, kw_only=True)
    reason_facts: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True, hash=False)

    def lasts(self, now: datetime) -> timedelta:
        """Return for how long from `now` it lasts."""
        return WITHOUT_END if self.until is None else self.until - now


def obstacle(reason: Reason, text: str | None = None, *, until: datetime | None = None) -> Obstacle:
    """Return an obstacle for a reason, in its words, or in what is `told` of it."""
    return Obstacle(text or words(reason), until=until, reason_code=reason.code, reason_facts=reason.facts)


@dataclass(frozen=True, slots=True)
class LaneAhead:
    """The lane that a record goes by: `ahead` messages are due before it, `held` says why its sender is paused."""

    lane: Lane
    ahead: int = field(default=0, kw_only=True)
    held: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record that has not ended, and what the claim will ask of it.

    `pauses` are those of everything, its sequence, its step and its enrollment. `held_until`: when an unknown
    record's hold ends, None where it waits for a person. `channel_rest`: until when its channel rests that gave out.
    """

    record_id: int
    step: int = field(kw_only=True)
    status: Status = field(kw_only=True)
    rules: Rules = field(kw_only=True)
    calendar_time: datetime = field(kw_only=True)
    pauses: tuple[Obstacle, ...] = field(default=(), kw_only=True)
    lane: LaneAhead | None = field(default=None, kw_only=True)
    channel_rest: Obstacle | None = field(default=None, kw_only=True)
    held_until: datetime | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Expected:
    """When a record is expected to go, and what it waits for until then, the longest first.

    `at` is None where it does not go by itself: a person has to act, or it will be skipped or cancelled, which
    `never` says.
    """

    at: datetime | None
    obstacles: tuple[Obstacle, ...] = field(default=(), kw_only=True)
    never: str | None = field(default=None, kw_only=True)

    @property
    def waits_for(self) -> tuple[Obstacle, ...]:
        """What a person is shown that it waits for: also that it will not go at all, and why."""
        return self.obstacles if self.never is None else (Obstacle(self.never),)

    def is_later_than(self, due: datetime, now: datetime) -> bool:
        """Return whether it goes by itself, and later than it is due."""
        return self.at is not None and self.at > max(due, now)


def expectations(records: Listing[OpenRecord], now: datetime) -> list[Expected]:
    """Forecast the open records of one enrollment, in step order: each goes after the one before it."""
    expected: list[Expected] = []
    shift, earliest = timedelta(0), now
    sent = list(records[0].rules.recent) if records else []
    blocked: tuple[Obstacle, ...] = ()
    lane: LaneAhead | None = records[0].lane if records else None
    for place, record in enumerate(records):
        due = _due(record, records[place - 1], expected[-1].at, shift) if expected else record.rules.due
        rules = replace(record.rules, due=due, recent=tuple(sent))
        own = lane if lane is not None and record.lane is not None else record.lane
        one = _expect(replace(record, rules=rules, lane=own), max(due, earliest), blocked, now)
        expected.append(one)
        if one.at is None and one.never is None:
            blocked = tuple(obstacle for obstacle in one.obstacles if obstacle.until is None)
        if one.at is not None:
            earliest = one.at
            sent.append(one.at)
            if own is not None:
                # What comes after it finds the lane as this one leaves it.
                lane = replace(own, lane=sent_by(own.lane, 1, one.at), ahead=0)
            shift = max(shift, moves_by(rules.policy, record.calendar_time, one.at, rules.wait_after))
    return expected


def _due(record: OpenRecord, before: OpenRecord, before_at: datetime | None, shift: timedelta) -> datetime:
    """Return when a record is due once the one before it went, as late as that is expected."""
    due = record.rules.due + shift
    if before_at is None:
        return due
    sent = Sent(before_at, wait=record.calendar_time - before.calendar_time)
    return earliest(WhenLate(record.rules.policy.when_late), due, [sent], before_at)


def _expect(record: OpenRecord, at: datetime, blocked: tuple[Obstacle, ...], now: datetime) -> Expected:
    match record.status:
        case Status.SENDING:
            return Expected(now)
        case Status.UNKNOWN:
            return _unknown(record, now)
        case _:
            return _waiting(record, at, blocked, now)


def _unknown(record: OpenRecord, now: datetime) -> Expected:
    """An unknown record is not sent by itself; what comes after it goes once its hold is over."""
    hold = Obstacle(f"step {record.step}, of which it is not known whether it went", until=record.held_until)
    return Expected(None if record.held_until is None else max(record.held_until, now), obstacles=(hold,))


def _waiting(record: OpenRecord, at: datetime, blocked: tuple[Obstacle, ...], now: datetime) -> Expected:
    match turn_away(record.rules, at):
        case Cancel(reason) | Skip(reason):
            return Expected(None, never=words(reason))
        case Hold(reason):
            stops = [obstacle(reason, f"its run is paused: {words(reason)}")]
        case Wait(reason=reason) if record.rules.needs_template:
            stops = [obstacle(reason)]
        case _:
            stops = []
    stops += record.pauses
    if record.lane is not None and record.lane.held is not None:
        stops.append(Obstacle(f"its sender {record.lane.lane.name} is {record.lane.held}"))
    stops += [obstacle for obstacle in blocked if obstacle not in stops]
    until, waiting = _settle(record, at, now)
    every = sorted([*stops, *waiting], key=lambda obstacle: obstacle.lasts(now), reverse=True)
    return Expected(None if stops else until, obstacles=tuple(every))


def _settle(record: OpenRecord, at: datetime, now: datetime) -> tuple[datetime | None, list[Obstacle]]:
    """Return when the rules and the lane both let a record go from `at` on, and what they made it wait for.

    None where they never agree, such as a window that is open only in its sender's quiet hours.
    """
    found: dict[str, Obstacle] = {}
    for _ in range(SETTLING_LIMIT):
        obstacles = [obstacle(wait.reason, until=wait.until) for wait in each_wait(record.rules, at)]
        obstacles += [] if (lane := _lane(record, at, now)) is None else [lane]
        obstacles += [] if (rest := record.channel_rest) is None or not rest.until or rest.until <= at else [rest]
        if not obstacles:
            return at, list(found.values())
        found |= {one.reason: one for one in obstacles}
        at = max(one.until for one in obstacles if one.until is not None)
    return None, [Obstacle(f"{' and '.join(found)}, which never let it go together")]


def _lane(record: OpenRecord, at: datetime, now: datetime) -> Obstacle | None:
    """Return what a record's lane makes it wait for: its rest, what is due before it, its quiet hours and caps."""
    if record.lane is None:
        return None
    lane, name = record.lane.lane, record.lane.lane.name
    if lane.free_at > at:
        resting = lane.wait_reason or Reason(ReasonCode.PACE)
        return obstacle(resting, f"its sender {name} ({words(resting)})", until=lane.free_at)
    turn = turn_behind(lane, record.lane.ahead, now) if record.lane.ahead else lane.free_at
    if turn > at:
        others = "1 other" if record.lane.ahead == 1 else f"{record.lane.ahead:,} others"
        return Obstacle(f"its turn on {name}, behind {others}", until=whole_second(turn))
    match opening(lane, at):
        case Closed(until, reason=reason) if until > at:
            return obstacle(reason, f"its sender {name} ({words(reason)})", until=until)
        case _:
            return None


def turn_behind(lane: Lane, ahead: int, now: datetime) -> datetime:
    """Return when a message goes behind so many: one gap apart, and as its lane's caps and quiet hours let them."""
    shortest, longest = lane.pace.gaps
    apart = (shortest + longest) / 2 / lane.pace.burst
    at = max(lane.free_at, now)
    for _ in range(LANE_LIMIT):
        opens = opening(lane, at)
        if isinstance(opens, Closed) and opens.until > at:
            at = opens.until
        elif not ahead:
            break
        else:
            left = room(lane, at)
            count = ahead if left is None else min(ahead, max(1, left))
            lane, ahead = sent_by(lane, count, at), ahead - count
            at += count * apart
    return at
