"""What a run came to, as numbers that do not depend on the machine: two runs of one scenario are equal byte by byte."""

import json
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dripline.core.views.records import StepCount
from dripline.simulate.counters import HOUR, Reach, Tally
from dripline.simulate.scenario import Scenario

LATE_BANDS = (
    ("at once", 0),
    ("1 min", 60),
    ("15 min", 900),
    ("1 h", 3_600),
    ("4 h", 14_400),
    ("12 h", 43_200),
    ("1 day", 86_400),
    ("later", None),
)
"""The bands of the histogram of lateness: what went within so many seconds, and not within the band before."""

_OPEN = frozenset({"pending", "active", "sending", "paused"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at the end of a run beside its tally."""

    hours: int = field(kw_only=True)
    arrived: int = field(kw_only=True)
    enrolled: int = field(kw_only=True)
    refused: int = field(kw_only=True)
    step_counts: tuple[StepCount, ...] = field(kw_only=True)
    lateness: Mapping[int, int] = field(kw_only=True, hash=False)
    senders: tuple[str, ...] = field(kw_only=True)
    shortest_wait: timedelta = field(kw_only=True)

    def with_other(self, other: "Facts") -> "Facts":
        """Return what is known of both, of runs that shared nothing."""
        totals: Counter[StepCount] = Counter()
        for count in (*self.step_counts, *other.step_counts):
            totals[replace(count, many=0)] += count.many
        return Facts(
            hours=max(self.hours, other.hours),
            arrived=self.arrived + other.arrived,
            enrolled=self.enrolled + other.enrolled,
            refused=self.refused + other.refused,
            step_counts=tuple(replace(count, many=total) for count, total in totals.items()),
            lateness=Counter(self.lateness) + Counter(other.lateness),
            senders=(*self.senders, *other.senders),
            shortest_wait=self.shortest_wait,
        )


@dataclass(frozen=True, slots=True)
class Peak:
    """The busiest hour, counted from 0, and how many messages went in it."""

    hour: int
    sends: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class SenderUse:
    """What a sender sent in each hour, and at the end of which hours how much was waiting on its lane.

    `behind` says why it cannot keep up, if it cannot: its lane had work waiting at the end of every hour for longer
    than the shortest wait between two steps (an hour at least; a day where no step waits; hours that an outage touches
    are left out), so that new work came before the old was gone; or at the end more is waiting than it sends in so
    long a time at the rate of its busiest hour.
    """

    name: str
    hours: tuple[int, ...] = field(kw_only=True)
    waiting: tuple[int, ...] = field(kw_only=True)
    behind: str | None = field(kw_only=True)

    @property
    def sends(self) -> int:
        """How many it sent in all."""
        return sum(self.hours)

    @property
    def peak(self) -> Peak:
        """Its busiest hour, the first of equals."""
        return peak_of(self.hours)


@dataclass(frozen=True, slots=True)
class StepReach:
    """Whom a step reached: how many in each hour, when the first and the last, and how many it may reach yet.

    `complete_at` is when it had reached everyone it will ever reach; None while a record of it is still open.
    """

    sequence: str
    step: int = field(kw_only=True)
    reached: int = field(kw_only=True)
    open: int = field(kw_only=True)
    hours: tuple[int, ...] = field(kw_only=True)
    first_at: datetime | None = field(kw_only=True)
    last_at: datetime | None = field(kw_only=True)

    @property
    def complete_at(self) -> datetime | None:
        """When it had reached everyone it will ever reach."""
        return None if self.open else self.last_at


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many seconds after their planned time messages were accepted, and how many in each band."""

    least: int
    half: int = field(kw_only=True)
    p95: int = field(kw_only=True)
    p99: int = field(kw_only=True)
    longest: int = field(kw_only=True)
    bands: tuple[tuple[str, int], ...] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Ending:
    """How many records stand in one status for one reason."""

    status: str
    reason: str | None = field(kw_only=True)
    count: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Result:
    """What one run came to."""

    scenario: Scenario
    hours: int = field(kw_only=True)
    arrived: int = field(kw_only=True)
    enrolled: int = field(kw_only=True)
    refused: int = field(kw_only=True)
    senders: tuple[SenderUse, ...] = field(kw_only=True)
    steps: tuple[StepReach, ...] = field(kw_only=True)
    lateness: Lateness | None = field(kw_only=True)
    endings: tuple[Ending, ...] = field(kw_only=True)
    answers: tuple[tuple[str, int], ...] = field(kw_only=True)
    crowded: int = field(kw_only=True)
    daily_peak: int = field(kw_only=True)
    replies: int = field(kw_only=True)
    opt_outs: int = field(kw_only=True)

    @classmethod
    def of(cls, scenario: Scenario, facts: Facts, tally: Tally) -> "Result":
        """Make a result of what was counted and what is known at the end."""
        return cls(
            scenario,
            hours=facts.hours,
            arrived=facts.arrived,
            enrolled=facts.enrolled,
            refused=facts.refused,
            senders=_senders(scenario, facts, tally),
            steps=_steps(facts, tally),
            lateness=lateness_of(facts.lateness),
            endings=_endings(facts.step_counts),
            answers=tuple(sorted(tally.answers.items())),
            crowded=tally.crowded(),
            daily_peak=tally.daily_peak,
            replies=tally.replies,
            opt_outs=tally.opt_outs,
        )

    @property
    def by_hour(self) -> tuple[int, ...]:
        """How many messages went in each hour."""
        return tuple(map(sum, zip(*(sender.hours for sender in self.senders), strict=True))) or (0,) * self.hours

    @property
    def sends(self) -> int:
        """How many messages went."""
        return sum(self.by_hour)

    @property
    def behind(self) -> tuple[SenderUse, ...]:
        """The senders that cannot keep up."""
        return tuple(sender for sender in self.senders if sender.behind)

    def as_json(self) -> dict[str, object]:
        """Return everything as a JSON object, each list in one order."""
        late = self.lateness
        return {
            "scenario": self.scenario.as_json(),
            "hours": self.hours,
            "leads": {"arrived": self.arrived, "enrolled": self.enrolled, "refused_rows": self.refused},
            "sends": self.sends,
            "by_hour": list(self.by_hour),
            "peak": _peak_json(peak_of(self.by_hour)),
            "senders": {
                sender.name: {
                    "sends": sender.sends,
                    "by_hour": list(sender.hours),
                    "waiting": list(sender.waiting),
                    "peak": _peak_json(sender.peak),
                    "cannot_keep_up": sender.behind,
                }
                for sender in self.senders
            },
            "steps": [_step_json(step) for step in self.steps],
            "leads_with_more_than_the_most_per_day": self.crowded,
            "most_messages_in_a_day": self.daily_peak,
            "lateness_seconds": None
            if late is None
            else {"min": late.least, "p50": late.half, "p95": late.p95, "p99": late.p99, "max": late.longest}
            | {"bands": dict(late.bands)},
            "records": [{"status": e.status, "reason": e.reason, "many": e.count} for e in self.endings],
            "provider_answers": dict(self.answers),
            "replies": self.replies,
            "opt_outs": self.opt_outs,
        }

    def text(self) -> str:
        """Return the JSON object as the text that is kept and compared."""
        return json.dumps(self.as_json(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def peak_of(hours: Listing[int]) -> Peak:
    """Return the busiest hour, the first of equals."""
    sends = max(hours, default=0)
    return Peak(hours.index(sends) if hours else 0, sends=sends)


def lateness_of(seconds: Mapping[int, int]) -> Lateness | None:
    """Return the spread of what is given as how many messages went how many seconds late; None of none.

    A percentile is the smallest lateness that so many in a hundred did not exceed.
    """
    total = sum(seconds.values())
    if not total:
        return None
    ordered = sorted(seconds.items())

    def percentile(share: int) -> int:
        left = -(-total * share // 100)
        for late, count in ordered:
            left -= count
            if left <= 0:
                return late
        return ordered[-1][0]

    bands: Counter[str] = Counter()
    for late, count in ordered:
        bands[next(name for name, upper in LATE_BANDS if upper is None or late <= upper)] += count
    return Lateness(
        ordered[0][0],
        half=percentile(50),
        p95=percentile(95),
        p99=percentile(99),
        longest=ordered[-1][0],
        bands=tuple((name, bands[name]) for name, _ in LATE_BANDS),
    )


def _senders(scenario: Scenario, facts: Facts, tally: Tally) -> tuple[SenderUse, ...]:
    names = sorted({*facts.senders, *tally.sends})
    return tuple(_sender(name, scenario, facts, tally) for name in names)


def _sender(name: str, scenario: Scenario, facts: Facts, tally: Tally) -> SenderUse:
    sends, waits = tally.sends.get(name, Counter[int]()), tally.waiting.get(name)
    hours = tuple(sends[hour] for hour in range(facts.hours))
    waiting = () if waits is None else tuple(waits.get(hour, 0) for hour in range(facts.hours))
    out = {hour for hour in range(facts.hours) if _is_out(scenario, hour)}
    return SenderUse(name, hours=hours, waiting=waiting, behind=behind(hours, waiting, out, facts.shortest_wait))


def _is_out(scenario: Scenario, hour: int) -> bool:
    begins, ends = hour * HOUR, (hour + 1) * HOUR
    return any(outage.begins < ends and begins < outage.ends for outage in scenario.outages)


def behind(hours: Listing[int], waiting: Listing[int], out: set[int], wait: timedelta) -> str | None:
    """Say why a sender cannot keep up, or None where it can, as `SenderUse` defines it."""
    wait_hours = wait / HOUR
    longest = stretch = 0
    for hour, count in enumerate(waiting):
        if hour not in out:
            stretch = stretch + 1 if count else 0
            longest = max(longest, stretch)
    if longest > wait_hours:
        return f"work was waiting for {longest} hours in a row, and new work comes after {wait_hours:g}"
    left, best = (waiting[-1] if waiting else 0), max(hours, default=0)
    if left > best * wait_hours:
        return f"{left} messages wait at the end, and it sends {best} in its busiest hour"
    return None


def _steps(facts: Facts, tally: Tally) -> tuple[StepReach, ...]:
    open_records: Counter[tuple[str, int]] = Counter()
    for count in facts.step_counts:
        open_records[count.sequence, count.step] += count.many if count.status in _OPEN else 0
    places = sorted({*open_records, *tally.steps})
    return tuple(_step(place, tally.steps.get(place), open_records[place], facts.hours) for place in places)


def _step(place: tuple[str, int], reach: Reach | None, still_open: int, hours: int) -> StepReach:
    counts = Counter[int]() if reach is None else reach.hours
    return StepReach(
        place[0],
        step=place[1],
        reached=counts.total(),
        open=still_open,
        hours=tuple(counts[hour] for hour in range(hours)),
        first_at=None if reach is None else reach.first_at,
        last_at=None if reach is None else reach.last_at,
    )


def _endings(step_counts: Listing[StepCount]) -> tuple[Ending, ...]:
    totals: Counter[tuple[str, str]] = Counter()
    for count in step_counts:
        totals[count.status, count.reason or ""] += count.many
    return tuple(
        Ending(status, reason=reason or None, count=count) for (status, reason), count in sorted(totals.items())
    )


def _peak_json(peak: Peak) -> dict[str, int]:
    return {"hour": peak.hour, "sends": peak.sends}


def _step_json(step: StepReach) -> dict[str, object]:
    return {
        "sequence": step.sequence,
        "step": step.step,
        "reached": step.reached,
        "open": step.open,
        "by_hour": list(step.hours),
        "first_at": _written(step.first_at),
        "last_at": _written(step.last_at),
        "complete_at": _written(step.complete_at),
    }


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
