"""What goes in which hour from now on, of all that is scheduled: counts, not single messages. Pure.

Messages are taken by the hour in which they are due. Each waits for the sending hours of its step, by the clock of its
sequence or of the workspace, and then for its sender: its gap, its caps, its quiet hours and its rest. What does not
fit an hour goes in the next one that has room. A lead's own zone, gap and daily cap are not asked, and a sequence's
messages are shared among its senders as their live leads are.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dripline.core.queries.report import HOUR, hour_of
from dripline.core.senders.lane import Closed, Lane, opening, room, sent_by
from dripline.core.senders.sender import COUNT_LIMIT, Pace
from dripline.core.time.send_window import SendWindow

TURNS_AN_HOUR = 64
"""How often a lane is asked within one hour before it is let go on to the next."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose messages these are and when they may go: those that are alike in this are counted together."""

    sequence_id: int
    window: SendWindow | None = field(default=None, kw_only=True)
    zone: str = field(default="UTC", kw_only=True)

    def opens(self, at: datetime) -> datetime:
        """Return from when on they may go, not before `at`."""
        return at if self.window is None else self.window.next_open(at, self.zone)


@dataclass(frozen=True, slots=True)
class Load:
    """Messages that are due in the hour that begins at `at`."""

    terms: Terms
    at: datetime = field(kw_only=True)
    count: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class LaneAhead:
    """A sender's lane, None where it is paused, and its `shares` of the messages of sequences, from 0 to 1."""

    lane: Lane | None
    shares: Mapping[int, float] = field(kw_only=True, hash=False)


@dataclass(slots=True)
class HoursAhead:
    """What goes when, by sequence and hour, up to an instant: `held` has no time, `later` goes after that."""

    hourly: Counter[tuple[int, datetime]] = field(default_factory=Counter[tuple[int, datetime]])
    held: Counter[int] = field(default_factory=Counter[int])
    later: Counter[int] = field(default_factory=Counter[int])


def hours_ahead(loads: Iterable[Load], lanes: Iterable[LaneAhead], now: datetime, until: datetime) -> HoursAhead:
    """Say what goes in which hour from now until an instant."""
    merged = Counter[tuple[Terms, datetime]]()
    for load in loads:
        merged[load.terms, max(load.at, hour_of(now))] += load.count
    every = sorted((Load(terms, at=at, count=count) for (terms, at), count in merged.items()), key=lambda load: load.at)
    every_lane = list(alike(lanes))
    ahead, paced = HoursAhead(), {sequence for lane in every_lane for sequence in lane.shares}
    for load in every:
        if load.terms.sequence_id not in paced:
            _put(ahead, load, now, until)
    for lane, queue in zip(every_lane, _queues(every, every_lane), strict=True):
        if lane.lane is None:
            for load in queue:
                ahead.held[load.terms.sequence_id] += load.count
        else:
            _send(ahead, lane.lane, queue, now, until)
    return ahead


def _put(ahead: HoursAhead, load: Load, now: datetime, until: datetime) -> None:
    """Let messages go that no sender holds up."""
    at = load.terms.opens(max(load.at, now))
    if at < until:
        ahead.hourly[load.terms.sequence_id, hour_of(at)] += load.count
    else:
        ahead.later[load.terms.sequence_id] += load.count


def _queues(loads: Iterable[Load], lanes: Listing[LaneAhead]) -> list[deque[Load]]:
    """Return what falls to each lane: whole numbers that come to all of each load.

    Where a share begins moves on with what went before, so that small loads do not all fall to the first lane.
    """
    queues, before = [deque[Load]() for _ in lanes], Counter[int]()
    for load in loads:
        sequence = load.terms.sequence_id
        begun, reached = before[sequence], 0.0
        before[sequence] += load.count
        for lane, queue in zip(lanes, queues, strict=True):
            share = lane.shares.get(sequence, 0.0)
            part = _within(begun + load.count, reached, share) - _within(begun, reached, share)
            reached += share
            if part:
                queue.append(replace(load, count=part))
    return queues


def _within(count: int, reached: float, share: float) -> int:
    """Return how many of the first `count` fall to a share that begins at `reached`."""
    return round(count * (reached + share)) - round(count * reached)


def _send(ahead: HoursAhead, lane: Lane, queue: deque[Load], now: datetime, until: datetime) -> None:
    """Let a lane send its queue hour by hour; hours in which nothing may go are passed over at once."""
    waiting, hour = Counter[Terms](), hour_of(now)
    while (queue or +waiting) and hour < until:
        begins, ends = max(hour, now), hour + HOUR
        while queue and queue[0].at < ends:
            load = queue.popleft()
            waiting[load.terms] += load.count
        opens = {terms: terms.opens(begins) for terms, count in waiting.items() if count}
        ready = [terms for terms, at in opens.items() if at < ends]
        if ready:
            lane, count = _room(lane, sum(waiting[terms] for terms in ready), begins, ends)
            for terms, part in _parts(waiting, ready, count):
                waiting[terms] -= part
                ahead.hourly[terms.sequence_id, hour] += part
            hour = ends
        else:
            hour = max(ends, hour_of(min([*opens.values(), *([queue[0].at] if queue else [])])))
    for load in queue:
        ahead.later[load.terms.sequence_id] += load.count
    for terms, count in waiting.items():
        ahead.later[terms.sequence_id] += count


def _parts(waiting: Mapping[Terms, int], ready: Listing[Terms], count: int) -> Iterator[tuple[Terms, int]]:
    """Yield how many of each go where so many go in all: by how many of each wait."""
    of, reached = sum(waiting[terms] for terms in ready), 0
    for terms in ready:
        begun = reached * count // of
        reached += waiting[terms]
        if part := reached * count // of - begun:
            yield terms, part


def _room(lane: Lane, wanted: int, begins: datetime, ends: datetime) -> tuple[Lane, int]:
    """Return how many of those wanted a lane sends within an hour, and the lane as it stands afterwards."""
    apart = apart_of(lane.pace)
    at, sent = max(begins, lane.free_at), 0
    for _ in range(TURNS_AN_HOUR):
        if at >= ends or sent >= wanted:
            break
        opens = opening(lane, at)
        if isinstance(opens, Closed) and opens.until > at:
            at = opens.until
            continue
        left = room(lane, at)
        fits = wanted - sent if not apart else max(1, -((at - ends) // apart))
        count = min(wanted - sent, fits, fits if left is None else max(1, left))
        lane, sent = sent_by(lane, count, at), sent + count
        at += count * apart
    return replace(lane, free_at=max(lane.free_at, at)), sent


def apart_of(pace: Pace) -> timedelta:
    """Return how far apart a pace lets messages go, on average."""
    shortest, longest = pace.gaps
    return (shortest + longest) / 2 / pace.burst


def alike(lanes: Iterable[LaneAhead]) -> Iterator[LaneAhead]:
    """Yield lanes, those that are alike as one with the pace and the shares of all of them: there may be thousands."""
    groups = defaultdict[object, list[LaneAhead]](list)
    for lane in lanes:
        groups[_kind(lane)].append(lane)
    yield from map(_as_one, groups.values())


def _kind(ahead: LaneAhead) -> object:
    lane, sequences = ahead.lane, frozenset(ahead.shares)
    if lane is None:
        return sequences
    first = lane.first_sent_at.date() if lane.pace.warm_up and lane.first_sent_at else None
    return sequences, lane.pace, first, lane.sender_id if lane.is_trying else None


def _as_one(ahead: Listing[LaneAhead]) -> LaneAhead:
    shares = dict(ahead[0].shares)
    for other in ahead[1:]:
        shares = {sequence: share + other.shares[sequence] for sequence, share in shares.items()}
    lanes = [one.lane for one in ahead if one.lane is not None]
    if len(lanes) <= 1:
        return LaneAhead(lanes[0] if lanes else None, shares=shares)
    first = lanes[0]
    merged = replace(
        first,
        pace=_times(first.pace, len(lanes)),
        free_at=min(lane.free_at for lane in lanes),
        hour=replace(first.hour, counts=_added(lane.hour.counts for lane in lanes)),
        day=replace(first.day, counts=_added(lane.day.counts for lane in lanes)),
    )
    return LaneAhead(merged, shares=shares)


def _times(pace: Pace, count: int) -> Pace:
    def of(cap: int) -> int:
        return min(COUNT_LIMIT, cap * count)

    return replace(
        pace,
        burst=of(pace.burst),
        hourly_cap=None if pace.hourly_cap is None else of(pace.hourly_cap),
        daily_cap=None if pace.daily_cap is None else of(pace.daily_cap),
        warm_up=tuple(map(of, pace.warm_up)),
    )


def _added(counts: Iterable[Mapping[int, int]]) -> Mapping[int, int]:
    added = Counter[int]()
    for one in counts:
        added.update(one)
    return added


def capacity_of(lane: Lane, begins: datetime, ends: datetime) -> int | None:
    """Return the most that a lane's limits let go between two instants, whatever went before; None: it has none."""
    first = min(lane.first_sent_at or begins, begins)
    caps = [lane.pace.daily_cap_on((begins - first) // timedelta(days=1))]
    hours = _open_hours(lane.pace, begins, ends)
    apart = apart_of(lane.pace)
    caps.append(None if lane.pace.hourly_cap is None else round(lane.pace.hourly_cap * hours))
    caps.append(round(hours * HOUR / apart) if apart else None)
    return min((cap for cap in caps if cap is not None), default=None)


def _open_hours(pace: Pace, begins: datetime, ends: datetime) -> float:
    """Return for how many hours a pace may send between two instants, to the quarter of an hour."""
    step = timedelta(minutes=15)
    window = pace.window
    steps = (ends - begins) // step
    return sum(window is None or window.is_open(begins + place * step) for place in range(steps)) / 4
