"""A report: how many records stand where. Each number says of which records it is, so that those can be listed.

What should go is what was sent, what ended in another way, and what remains: `should` is their sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dripline.core.queries.filters import RecordFilter, StatusGroup

OPEN = (StatusGroup.PENDING, StatusGroup.ACTIVE, StatusGroup.SENDING, StatusGroup.PAUSED, StatusGroup.HELD)
"""Where a record stands that remains to be sent, or to be known of."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and the records that it counts."""

    many: int
    of: RecordFilter = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some records stand where, and the figures that this makes."""

    of: RecordFilter
    many: Mapping[StatusGroup, int] = field(kw_only=True, hash=False)

    def figure(self, *standings: StatusGroup) -> Figure:
        """Return how many stand at one of these."""
        return Figure(sum(self.many.get(one, 0) for one in standings), of=replace(self.of, standings=standings))

    @property
    def should(self) -> Figure:
        """All there are: what was sent, ended in another way, or remains."""
        return self.figure(*StatusGroup)

    @property
    def sent(self) -> Figure:
        """Accepted by a provider."""
        return self.figure(StatusGroup.COMPLETED)

    @property
    def failed(self) -> Figure:
        """Refused, or tried as often as they may be."""
        return self.figure(StatusGroup.FAILED)

    @property
    def skipped(self) -> Figure:
        """Passed over."""
        return self.figure(StatusGroup.SKIPPED)

    @property
    def cancelled(self) -> Figure:
        """Not to be sent any more, since their leads have left."""
        return self.figure(StatusGroup.CANCELLED)

    @property
    def unknown(self) -> Figure:
        """Given up: nobody knows whether they went."""
        return self.figure(StatusGroup.UNKNOWN)

    @property
    def remaining(self) -> Figure:
        """Yet to be sent, or to be known of."""
        return self.figure(*OPEN)

    def figures(self) -> dict[str, Figure]:
        """Return all of these by their names, and what remains by where it stands."""
        return {
            "should": self.should,
            "sent": self.sent,
            "failed": self.failed,
            "skipped": self.skipped,
            "cancelled": self.cancelled,
            "unknown": self.unknown,
            "remaining": self.remaining,
            **{str(one): self.figure(one) for one in OPEN},
        }


@dataclass(frozen=True, slots=True)
class EnrollmentCount:
    """How many enrollments of a sequence are in progress, came to its end, or left before.

    One that went over to another version is not counted: its successor is.
    """

    in_progress: int = field(default=0, kw_only=True)
    finished: int = field(default=0, kw_only=True)
    left: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class SequenceReport:
    """One sequence: its enrollments, its records, and those of each of its steps."""

    sequence: str
    enrollments: EnrollmentCount = field(kw_only=True)
    tally: Tally = field(kw_only=True)
    steps: tuple[Tally, ...] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Overview:
    """How everything stands at one instant.

    `hours` are those around it, in their order, each with the records whose moment is in it. `due` are active and due,
    since `due_since`; of those that became so in this hour at most 100,000 are counted. `sent_lately` counts the
    present hour and the 23 before it. `behind`: by how much the standby was behind that all this was read from; None
    where it was read from the database itself.
    """

    at: datetime
    leads: int = field(kw_only=True)
    tally: Tally = field(kw_only=True)
    sequences: tuple[SequenceReport, ...] = field(kw_only=True)
    hours: tuple[Tally, ...] = field(kw_only=True)
    due: Figure = field(kw_only=True)
    due_since: datetime | None = field(kw_only=True)
    sent_lately: Figure = field(kw_only=True)
    behind: timedelta | None = field(default=None, kw_only=True)

    @property
    def lag(self) -> timedelta:
        """For how long something has been due."""
        return timedelta(0) if self.due_since is None else self.at - self.due_since


HOUR = timedelta(hours=1)

DAY = timedelta(days=1)


def hour_of(instant: datetime) -> datetime:
    """Return the hour that an instant is in, by its beginning."""
    return instant.replace(minute=0, second=0, microsecond=0)


def summed(of: RecordFilter, tallies: tuple[Tally, ...]) -> Tally:
    """Return tallies as one, of the records that they are of together."""
    many = {one: sum(tally.many.get(one, 0) for tally in tallies) for one in StatusGroup}
    return Tally(of, many={one: count for one, count in many.items() if count})
