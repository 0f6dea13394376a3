"""Unknown records, settled by a person: which of them, as what, and what becomes of each.

`effect_of` decides for a preview and for the act alike. Nothing is settled that is not what was asked about any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from typing_extensions import override

from dripline.core.queries.filters import check_span, span
from dripline.core.states import Status
from dripline.core.text import is_text
from dripline.errors import InvalidFilter


class Resolution(StrEnum):
    """What an unknown record is settled as.

    `SENT`: it went; it is completed. `RESEND`: it did not go; it is due again. `SKIP`: nobody will know; it stays
    unknown, and its sequence goes on without it.
    """

    SENT = "sent"
    RESEND = "resend"
    SKIP = "skip"


class Effect(StrEnum):
    """What becomes of a record that is settled."""

    COMPLETED = "completed"
    DUE_AGAIN = "due_again"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"

    @property
    def told(self) -> str:
        """What it means, in words."""
        return _LABELS[self]


_LABELS = {
    Effect.COMPLETED: "completed",
    Effect.DUE_AGAIN: "due again",
    Effect.CANCELLED: "cancelled at the next pass, since the lead has left or is barred",
    Effect.SKIPPED: "skipped: the sequence goes on without it",
}


@dataclass(frozen=True, slots=True)
class UnknownFilter:
    """Which unknown records. What is left None is not asked for.

    `worker` claimed it last. `since` ≤ the instant at which its last try began < `until`. `leads`: their phones or
    e-mail addresses. `with_ended`: also those that their sequences went on without.

    Raises:
        InvalidFilter: A step is named without its sequence, or an instant has no zone.
    """

    sequence: str | None = None
    step: int | None = field(default=None, kw_only=True)
    channel: str | None = field(default=None, kw_only=True)
    sender: str | None = field(default=None, kw_only=True)
    worker: str | None = field(default=None, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)
    leads: Iterable[str] | None = field(default=None, kw_only=True)
    with_ended: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        check_span(self.since, self.until)
        if not all(is_text(named) for named in (self.sequence, self.channel, self.sender, self.worker) if named):
            raise InvalidFilter("A filter names something with a character that is not text: remove it.")
        if self.step is not None and self.sequence is None:
            raise InvalidFilter("A step is one of a sequence: name the sequence as well.")
        if self.leads is not None:
            object.__setattr__(self, "leads", tuple(dict.fromkeys(self.leads)))

    @override
    def __str__(self) -> str:
        """Say what is asked for, naming no person: the log keeps it."""
        plain = ((name, getattr(self, name)) for name in ("sequence", "step", "channel", "sender", "worker"))
        parts = [f"{name} {value}" for name, value in plain if value is not None]
        parts += [f"{name} {at:%Y-%m-%d %H:%M:%S%z}" for name, at in self._instants() if at is not None]
        if self.leads is not None:
            parts.append(f"{len(tuple(self.leads))} leads")
        return ", ".join([*parts, *(["with ended"] if self.with_ended else [])]) or "all"

    def _instants(self) -> tuple[tuple[str, datetime | None], ...]:
        return (("since", self.since), ("until", self.until))


@dataclass(frozen=True, slots=True)
class Subject:
    """A record as it stands when somebody settles it, and whose it is.

    `is_over`: it is unknown for good, since its sequence went on without it. `is_leaving`: its lead has left its
    enrollment, or is suppressed.
    """

    record_id: int
    attempt: int = field(kw_only=True)
    status: Status = field(kw_only=True)
    is_over: bool = field(kw_only=True)
    is_leaving: bool = field(kw_only=True)
    sequence: str = field(kw_only=True)
    step: int = field(kw_only=True)
    channel: str = field(kw_only=True)
    sender: str | None = field(kw_only=True)
    name: str = field(kw_only=True)
    address: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A record that was left as it is, whose it is, and why."""

    record_id: int
    reason: str = field(kw_only=True)
    sequence: str = field(default="", kw_only=True)
    step: int = field(default=0, kw_only=True)
    name: str = field(default="", kw_only=True)
    address: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Settlement:
    """As what a record was settled: of which try, when, by whom, and by which proof, if not by that person's word."""

    resolution: Resolution
    attempt: int = field(kw_only=True)
    at: datetime = field(kw_only=True)
    by: str = field(kw_only=True)
    proof: str | None = field(kw_only=True)


def effect_of(resolution: Resolution, subject: Subject, attempt: int) -> Effect | str:
    """Say what becomes of a record; a sentence says why it is left as it is.

    `attempt`: the try that was asked about. A record that was tried again since is another question.
    """
    if subject.status is not Status.UNKNOWN:
        return f"it is not unknown any more: it is {subject.status}"
    if subject.attempt != attempt:
        return "it was tried again meanwhile"
    if resolution is Resolution.SENT:
        return Effect.COMPLETED
    if subject.is_over:
        return "its sequence went on without it"
    if resolution is Resolution.SKIP:
        return Effect.SKIPPED
    return Effect.CANCELLED if subject.is_leaving else Effect.DUE_AGAIN


def unsettled(subject: Subject, reason: str) -> Unsettled:
    """Name a record that is left as it is."""
    return Unsettled(
        subject.record_id,
        reason=reason,
        sequence=subject.sequence,
        step=subject.step,
        name=subject.name,
        address=subject.address,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """How many records of one step and one sender become what."""

    sequence: str
    step: int = field(kw_only=True)
    channel: str = field(kw_only=True)
    sender: str | None = field(kw_only=True)
    effect: Effect = field(kw_only=True)
    records: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of unknown records, or would: how many of each step and sender, and which are left as they are."""

    groups: tuple[Group, ...] = field(default=(), kw_only=True)
    left: tuple[Unsettled, ...] = field(default=(), kw_only=True)

    @property
    def records(self) -> int:
        """How many are settled."""
        return sum(group.records for group in self.groups)

    def count(self, effect: Effect) -> int:
        """How many become this."""
        return sum(group.records for group in self.groups if group.effect is effect)

    def __add__(self, other: "Settled") -> "Settled":
        """Put together what became of two batches."""
        counted: dict[Group, int] = {}
        for group in (*self.groups, *other.groups):
            kind = replace(group, records=0)
            counted[kind] = counted.get(kind, 0) + group.records
        groups = (replace(kind, records=count) for kind, count in counted.items())
        return Settled(groups=tuple(sorted(groups, key=_order)), left=self.left + other.left)


def settled_as(effects: Iterable[tuple[Subject, Effect]], remaining: Iterable[Unsettled] = ()) -> Settled:
    """Count what became of records."""
    groups = tuple(
        Group(one.sequence, step=one.step, channel=one.channel, sender=one.sender, effect=effect, records=1)
        for one, effect in effects
    )
    return Settled() + Settled(groups=groups, left=tuple(remaining))


def begun_within(wanted: UnknownFilter, at: datetime) -> bool:
    """Return whether a try that begins at an instant is one that is asked for."""
    since, until = span(wanted.since, wanted.until)
    return since <= at < until


def _order(group: Group) -> tuple[str, int, str, str]:
    return group.sequence, group.step, group.sender or "", group.effect
