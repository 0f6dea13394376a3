"""A sender's lane: when it may send, how many at once, and what each answer does to it. Pure.

A lane sends a *turn*, as many messages as go together, waits until the last of them is answered, and then rests for a
gap. What it needs to know of its past is in `Lane`, which the store keeps: so its pace holds over all sequences,
workers and restarts. The breaker: after `BREAK_AFTER` messages in a row that were not taken, or one answer that says
that the account cannot send, the lane is broken, and what its turn has not begun waits; when its rest is over one
message is tried, and if that is taken it goes on slower, and by and by at its own pace again.
"""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dripline.core.outcome import Accepted, Consequence, HoldSender, Outcome, Rejected, RetryLater, Scope, Unknown
from dripline.core.reason import Reason, ReasonCode
from dripline.core.senders.rate_meter import Meter, day_meter, hour_meter
from dripline.core.senders.sender import Pace
from dripline.core.time.schedule import hashed_share, whole_second

TURN_LIMIT = 100
"""How many messages a lane without a gap sends in one turn."""

BREAK_AFTER = 5
"""How many messages in a row that are not taken break a lane: whether they fail, or are refused for good."""

BREAK_FIRST = timedelta(minutes=1)
BREAK_LIMIT = timedelta(hours=1)
"""How long a broken lane rests the first time, twice as long each next time, and at most."""

SLOW_TURNS = 10
SLOW_FACTOR = 4
SLOW_LEAST = timedelta(seconds=1)
"""After a break, the first turn rests `SLOW_FACTOR` times its gap, at least this, and so less over `SLOW_TURNS`."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A sender's pace and past.

    `turn` counts its turns; `failures` are the failing answers in a row, `trips` the breaks since it last was well;
    `is_trying`: the next turn is one message on trial; `slow`: so many slower turns are left.
    """

    sender_id: int
    name: str = field(kw_only=True)
    pace: Pace = field(kw_only=True)
    free_at: datetime = field(kw_only=True)
    turn: int = field(default=0, kw_only=True)
    first_sent_at: datetime | None = field(default=None, kw_only=True)
    hour: Meter = field(default_factory=hour_meter, kw_only=True)
    day: Meter = field(default_factory=day_meter, kw_only=True)
    failures: int = field(default=0, kw_only=True)
    trips: int = field(default=0, kw_only=True)
    is_trying: bool = field(default=False, kw_only=True)
    slow: int = field(default=0, kw_only=True)
    wait_reason: Reason | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Open:
    """The lane may send this many now."""

    count: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The lane may send nothing until then."""

    until: datetime
    reason: Reason = field(kw_only=True)


def opening(lane: Lane, now: datetime) -> Open | Closed:
    """Say whether a lane that has rested may send, and how many together."""
    window = lane.pace.window
    if window is not None and not window.is_open(now):
        return Closed(window.next_open(now), reason=_quiet(lane.pace))
    if lane.pace.hourly_cap is not None and lane.hour.total(now) >= lane.pace.hourly_cap:
        return Closed(lane.hour.frees_at(now), reason=Reason.of(ReasonCode.HOURLY_CAP, cap=lane.pace.hourly_cap))
    day, next_day = _day_of_sending(lane, now)
    cap = lane.pace.daily_cap_on(day)
    if cap is not None and lane.day.total(now) >= cap:
        until = lane.day.frees_at(now)
        warming = day < len(lane.pace.warm_up)
        which = (
            Reason.of(ReasonCode.WARM_UP_CAP, cap=cap, day=day + 1)
            if warming
            else Reason.of(ReasonCode.DAILY_CAP, cap=cap)
        )
        return Closed(min(until, next_day) if warming else until, reason=which)
    return Open(_turn_of(lane, cap, now))


def room(lane: Lane, now: datetime) -> int | None:
    """Return how many more may go before a cap holds; None where there is none."""
    day_cap = lane.pace.daily_cap_on(_day_of_sending(lane, now)[0])
    caps = ((lane.pace.hourly_cap, lane.hour), (day_cap, lane.day))
    return min((cap - meter.total(now) for cap, meter in caps if cap is not None), default=None)


def sent_by(lane: Lane, count: int, at: datetime) -> Lane:
    """Return the lane as it stands when so many more have gone at an instant that is yet to come."""
    return replace(
        lane,
        hour=lane.hour.add(count, at, now=at),
        day=lane.day.add(count, at, now=at),
        first_sent_at=lane.first_sent_at or at,
    )


def begin_turn(lane: Lane, count: int, now: datetime, lease: timedelta) -> Lane:
    """Return the lane as it is stored before its turn is sent: counted, with the rest that follows if nobody ends it.

    The turn is counted at the latest instant at which it may be sent, so that a cap holds by the provider's clock too.
    """
    latest = now + lease
    return replace(
        lane,
        turn=lane.turn + 1,
        hour=lane.hour.add(count, latest, now=now),
        day=lane.day.add(count, latest, now=now),
        first_sent_at=lane.first_sent_at or now,
        free_at=now + _rest(lane, lane.slow),
    )


class AnswerKind(StrEnum):
    """What an answer says of the sender: it works, it fails, it is refused, it may not send, or nothing was sent.

    One refusal says nothing of a sender; many in a row say that it is not the people who are wrong.
    """

    SOUND = "sound"
    FAILING = "failing"
    REFUSED = "refused"
    HELD = "held"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one message of a turn, as far as it concerns the sender."""

    kind: AnswerKind
    reason: Reason | None = field(default=None, kw_only=True)
    error: str = field(default="", kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)
    rest: timedelta | None = field(default=None, kw_only=True)


SOUND = Answer(AnswerKind.SOUND)
UNSENT = Answer(AnswerKind.UNSENT)


def answer(outcome: Outcome, consequence: Consequence) -> Answer:
    """Return what an outcome says of the sender."""
    match outcome, consequence:
        case Accepted(), _:
            return SOUND
        case _, HoldSender() as hold:
            return Answer(AnswerKind.HELD, reason=hold.reason, until=hold.until, rest=hold.rest)
        case ((RetryLater(scope=Scope.CONVERSATION) | Rejected(scope=Scope.TEMPLATE)), _):
            return SOUND
        case (RetryLater() | Unknown()) as failing, _:
            return Answer(AnswerKind.FAILING, error=failing.error)
        case Rejected() as refused, _:
            return Answer(AnswerKind.REFUSED, error=refused.error)
        case _:
            return SOUND


def streak_after(streak: int, answer: Answer) -> int:
    """Return how many messages in a row were not taken, after one more answer."""
    match answer.kind:
        case AnswerKind.SOUND:
            return 0
        case AnswerKind.FAILING | AnswerKind.REFUSED:
            return streak + 1
        case AnswerKind.HELD | AnswerKind.UNSENT:
            return streak


def is_breaking(streak: int, answer: Answer, *, is_trying: bool, after: int = BREAK_AFTER) -> bool:
    """Return whether an answer breaks what it went through, with so many in a row not taken, itself included."""
    match answer.kind:
        case AnswerKind.HELD:
            return True
        case AnswerKind.FAILING | AnswerKind.REFUSED:
            return is_trying or streak >= after
        case AnswerKind.SOUND | AnswerKind.UNSENT:
            return False


@dataclass(frozen=True, slots=True)
class Change:
    """A lane after its turn, and what a person should know of, if anything."""

    lane: Lane
    event: str | None = field(default=None, kw_only=True)
    reason: Reason | None = field(default=None, kw_only=True)


def end_turn(lane: Lane, answers: Listing[Answer], now: datetime) -> Change:
    """Say how a lane goes on after its turn. `now` is the very instant of the last answer, not rounded."""
    whole = whole_second(now)
    sent = [answer for answer in answers if answer.kind is not AnswerKind.UNSENT]
    unsent = len(answers) - len(sent)
    if unsent:
        lane = replace(lane, hour=lane.hour.take_back(unsent), day=lane.day.take_back(unsent))
    if not sent:
        return Change(replace(lane, free_at=whole, wait_reason=None))
    held = next((answer for answer in sent if answer.kind is AnswerKind.HELD), None)
    if held is not None:
        assert held.reason is not None, "a lane is held for a reason"
        return _broken(lane, held.reason, held.until or (None if held.rest is None else whole + held.rest), now)
    failures = lane.failures
    for one in sent:
        failures = streak_after(failures, one)
    if is_breaking(failures, sent[-1], is_trying=lane.is_trying):
        return _broken(lane, failing(failures, sent[-1], is_trying=lane.is_trying), None, now)
    return _rested(lane, failures, now, sound=any(one.kind is AnswerKind.SOUND for one in sent))


def _rested(lane: Lane, failures: int, now: datetime, *, sound: bool) -> Change:
    """Rest for the gap; a lane on trial that answered is well again, and goes slower for a while."""
    recovered = lane.is_trying and sound
    slow = SLOW_TURNS if recovered else max(0, lane.slow - sound)
    rest = _rest(lane, slow)
    after = replace(
        lane,
        free_at=_ceil_second(now + rest),
        failures=failures,
        is_trying=lane.is_trying and not sound,
        slow=slow,
        trips=lane.trips if slow else 0,
        wait_reason=Reason.of(ReasonCode.PACE) if rest else None,
    )
    return Change(after, event="recovered", reason=Reason.of(ReasonCode.RECOVERED)) if recovered else Change(after)


def failing(streak: int, last: Answer, *, is_trying: bool) -> Reason:
    """Return why something is broken whose last messages were not taken."""
    if is_trying:
        return Reason.of(ReasonCode.FAILED_AGAIN, error=last.error)
    code = ReasonCode.REFUSED_IN_A_ROW if last.kind is AnswerKind.REFUSED else ReasonCode.FAILED_IN_A_ROW
    return Reason.of(code, tries=streak, error=last.error)


def _quiet(pace: Pace) -> Reason:
    return Reason.of(ReasonCode.QUIET_HOURS, quiet=str(pace.quiet), zone=pace.zone)


def break_after(trips: int) -> timedelta:
    """Return how long what broke rests that has been broken so often since it last was well."""
    return min(BREAK_LIMIT, BREAK_FIRST * 2 ** min(trips, 16))


def _broken(lane: Lane, reason: Reason, until: datetime | None, now: datetime) -> Change:
    free_at = _ceil_second(max(until or now + break_after(lane.trips), now + _rest(lane, lane.slow)))
    after = replace(
        lane, free_at=free_at, failures=0, trips=lane.trips + 1, is_trying=True, slow=SLOW_TURNS, wait_reason=reason
    )
    return Change(after, event="broken", reason=reason)


def _turn_of(lane: Lane, daily_cap: int | None, now: datetime) -> int:
    if lane.is_trying:
        return 1
    count = lane.pace.burst if lane.pace.gaps[1] or lane.slow else max(TURN_LIMIT, lane.pace.burst)
    rooms = [cap - meter.total(now) for cap, meter in ((lane.pace.hourly_cap, lane.hour), (daily_cap, lane.day)) if cap]
    return min([count, *rooms])


def _day_of_sending(lane: Lane, now: datetime) -> tuple[int, datetime]:
    """Return which day of sending this is, counted from 0, and when the next one begins."""
    first = min(lane.first_sent_at or now, now)
    day = (now - first) // timedelta(days=1)
    return day, first + (day + 1) * timedelta(days=1)


def _rest(lane: Lane, slow: int) -> timedelta:
    """Return the rest after this turn: a hash of sender and turn within the gap, hence explainable and replayable."""
    shortest, longest = lane.pace.gaps
    share = hashed_share(lane.sender_id, lane.turn)
    rest = timedelta(seconds=round(shortest.total_seconds() + share * (longest - shortest).total_seconds()))
    if not slow:
        return rest
    return max(rest, SLOW_LEAST) * (1 + (SLOW_FACTOR - 1) * slow / SLOW_TURNS)


def _ceil_second(instant: datetime) -> datetime:
    whole = whole_second(instant)
    return whole if whole == instant else whole + timedelta(seconds=1)
