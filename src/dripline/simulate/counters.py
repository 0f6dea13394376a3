"""Counts what happens while a run is played: numbers by hour, never a list of messages."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater
from dripline.simulate.scenario import Scenario

HOUR = timedelta(hours=1)

_NAMES: dict[type[Outcome], str] = {Accepted: "accepted", Rejected: "rejected", RetryLater: "retry_later"}


@dataclass(slots=True)
class Reach:
    """Which messages of one step were accepted: how many in each hour, and when the first and the last."""

    first_at: datetime
    last_at: datetime
    hours: Counter[int] = field(default_factory=Counter[int])


class Tally:
    """Keeps the counts of one run."""

    def __init__(self, scenario: Scenario) -> None:
        self._start = scenario.start
        self._limit = scenario.daily_limit
        self._zone = ZoneInfo(scenario.zone)
        self._day_ends = scenario.start
        self._today: Counter[int] = Counter()
        self._crowded: set[int] = set()
        self._of_others = 0
        self.sends: dict[str, Counter[int]] = {}
        self.steps: dict[tuple[str, int], Reach] = {}
        self.waiting: dict[str, dict[int, int]] = {}
        self.answers: Counter[str] = Counter()
        self.replies = 0
        self.opt_outs = 0
        self.daily_peak = 0

    def answered(self, outcome: Outcome) -> None:
        """Count one answer of the provider."""
        self.answers[_NAMES.get(type(outcome), "unknown")] += 1

    def accepted(self, message: Message, channel: str, now: datetime) -> None:
        """Count one message that the provider took."""
        hour = (now - self._start) // HOUR
        lane = message.sender or f"({channel}, no sender)"
        sends = self.sends.get(lane)
        if sends is None:
            sends = self.sends[lane] = Counter()
        sends[hour] += 1
        reach = self.steps.get((message.sequence, message.step))
        if reach is None:
            reach = self.steps[message.sequence, message.step] = Reach(now, now)
        reach.last_at = now
        reach.hours[hour] += 1
        if now >= self._day_ends:
            self._end_day(now)
        self._today[message.lead.id] += 1

    def note_waiting(self, hour: int, sender: str, due: int) -> None:
        """Note what waits on a sender's lane at the end of an hour."""
        self.waiting.setdefault(sender, {})[hour] = due

    def crowded(self) -> int:
        """Return how many leads had more messages in one day than the scenario's threshold, the open day included."""
        self._close_day()
        return len(self._crowded) + self._of_others

    def with_other(self, other: "Tally") -> "Tally":
        """Return this one with the counts of another in it, of runs that shared neither leads nor senders."""
        self.sends |= other.sends
        self.waiting |= other.waiting
        for place, reach in other.steps.items():
            own = self.steps.setdefault(place, Reach(reach.first_at, reach.last_at))
            own.first_at, own.last_at = min(own.first_at, reach.first_at), max(own.last_at, reach.last_at)
            own.hours += reach.hours
        self.answers += other.answers
        self.replies += other.replies
        self.opt_outs += other.opt_outs
        self._of_others += other.crowded()
        self.daily_peak = max(self.daily_peak, other.daily_peak)
        return self

    def _end_day(self, now: datetime) -> None:
        self._close_day()
        self._today.clear()
        tomorrow = now.astimezone(self._zone).date() + timedelta(days=1)
        self._day_ends = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self._zone)

    def _close_day(self) -> None:
        self._crowded.update(lead for lead, count in self._today.items() if count > self._limit)
        self.daily_peak = max(self.daily_peak, max(self._today.values(), default=0))
