"""What happens when what stood still goes on: so many within the grace, so many moved, so many skipped. Pure.

It asks of each due record what the claim will ask, so that what it says is what will be done.
"""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.records.lateness import grace_of, is_passed_over, moves_by
from dripline.core.records.rules import Rules, Skip, Wait, ready_at, turn_away
from dripline.core.sequences.policy import WhenLate


@dataclass(frozen=True, slots=True)
class Standing:
    """A due record: what the rules ask of it, its place in its enrollment's calendar, and whether a lane paces it.

    `following` are the times of the steps after it, in order.
    """

    rules: Rules
    calendar_time: datetime = field(kw_only=True)
    is_paced: bool = field(kw_only=True)
    following: Listing[datetime] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Times:
    """So many, the first and the last of them at these instants."""

    many: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def and_at(self, instants: Listing[datetime]) -> "Times":
        """Return these and so many more."""
        if not instants:
            return self
        ends = [at for at in (self.first, self.last) if at is not None]
        return Times(self.many + len(instants), min([*instants, *ends]), max([*instants, *ends]))

    @property
    def between(self) -> str:
        """Say from when to when, as a person reads it."""
        ends = sorted({f"{at:%Y-%m-%d %H:%M} UTC" for at in (self.first, self.last) if at is not None})
        return " to ".join(ends)


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What goes on, in records.

    `on_time` go at once and are within the grace; `late` go at once although they are past it, and of both `paced` go
    at the pace of their senders. `moved` are the steps after late ones, and when they go now. `overdue` are steps after
    late ones that are due as well and go one a pass (`when_late: keep`). `skipped` are passed over. `waiting` are moved
    by a window, a gap or a cap, and until when. `cancelled`: their leads have left.
    """

    on_time: int = field(default=0, kw_only=True)
    late: int = field(default=0, kw_only=True)
    paced: int = field(default=0, kw_only=True)
    moved: Times = field(default=Times(), kw_only=True)
    overdue: int = field(default=0, kw_only=True)
    skipped: int = field(default=0, kw_only=True)
    waiting: Times = field(default=Times(), kw_only=True)
    cancelled: int = field(default=0, kw_only=True)

    @property
    def is_worth_telling(self) -> bool:
        """Whether anything happens that is not simply on time."""
        return bool(self.late or self.skipped or self.waiting.many or self.cancelled)

    def sentences(self) -> list[str]:
        """Say it line by line."""
        counts = {
            "are due, within their grace, and go at once": self.on_time,
            "are late and go at once": self.late,
            "of these go at the pace of their senders": self.paced,
            f"steps after late ones move with them: {self.moved.between}": self.moved.many,
            "steps after late ones are overdue too and go one a pass": self.overdue,
            "are skipped, too late to go": self.skipped,
            f"wait for a window, a gap or a cap: {self.waiting.between}": self.waiting.many,
            "are cancelled, their leads have left": self.cancelled,
        }
        return [f"{count} {what}" for what, count in counts.items() if count]


def catch_up(standing: Iterable[Standing], now: datetime) -> CatchUp:
    """Say what becomes of due records when they may go from `now` on; one after the other, however many they are."""
    counts = Counter[str]()
    moved = waiting = Times()
    for record in standing:
        match turn_away(record.rules, now):
            case None:
                is_late = now - record.rules.due > grace_of(record.rules.policy, record.rules.wait_after)
                counts.update({"late" if is_late else "on_time": 1, "paced": record.is_paced})
                counts["overdue"] += _overdue(record, now)
                moved = moved.and_at(moved_times(record, now))
            case Skip():
                counts["skipped"] += 1 + _skipped_after(record, now)
            case Wait(until):
                waiting = waiting.and_at([until])
            case _:
                counts["cancelled"] += 1
    return CatchUp(moved=moved, waiting=waiting, **counts)


def moved_times(record: Standing, accepted: datetime) -> list[datetime]:
    """Return when the steps after a record go, where its going at `accepted` moves them; none where they stay."""
    by = moves_by(record.rules.policy, record.calendar_time, accepted, record.rules.wait_after)
    return [at + by for at in record.following] if by > timedelta(0) else []


def _overdue(record: Standing, now: datetime) -> int:
    if record.rules.policy.when_late is not WhenLate.KEEP:
        return 0
    return sum(at <= now for at in record.following)


def _skipped_after(record: Standing, now: datetime) -> int:
    """Count the steps right after a skipped one that are skipped with it."""
    count = 0
    for place, at in enumerate(record.following):
        waits = (later - at for later in record.following[place + 1 :])
        wait_after = next((wait for wait in waits if wait > timedelta(0)), None)
        if not is_passed_over(record.rules.policy, ready_at(record.rules, at), now, wait_after):
            break
        count += 1
    return count
