"""An enrollment that goes over to another version of its sequence: as it stands, and where and when it goes on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class EnrollmentPosition:
    """A live enrollment as it stands in its version: its next step is `step`, waiting for `time`.

    Its calendar counts from `anchor`, and was moved by `moved` for lateness so far. `gets_again`: it went over before,
    and the wanted version has a step ahead of it that it was sent then. `sent_at`: when its last message went.
    `is_by_person`: a person gave it the time that it waits for.
    """

    enrollment_id: int
    lead_id: int = field(kw_only=True)
    address: str = field(kw_only=True)
    version: int = field(kw_only=True)
    step: int = field(kw_only=True)
    status: str = field(kw_only=True)
    time: datetime = field(kw_only=True)
    anchor: datetime = field(kw_only=True)
    moved: timedelta = field(kw_only=True)
    gets_again: bool = field(default=False, kw_only=True)
    sent_at: datetime | None = field(default=None, kw_only=True)
    is_by_person: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class VersionMove:
    """One enrollment that goes over: it waits for `new_time` to send the new version's `step`, instead of `old_time`.

    Both are None where the new version has nothing left for it. `is_overdue`: the new waits alone had made it overdue.
    `standing` is what the move was planned from, and `anchor` and `moved` are how its calendar goes on.
    `expected_at` is when it will really go, after windows, gaps, caps and its sender's lane; None where that was not
    asked, or where it `waits_for` a person first.
    """

    standing: EnrollmentPosition
    step: int | None = field(kw_only=True)
    new_time: datetime | None = field(kw_only=True)
    anchor: datetime = field(kw_only=True)
    moved: timedelta = field(kw_only=True)
    is_overdue: bool = field(default=False, kw_only=True)
    expected_at: datetime | None = field(default=None, kw_only=True)
    waits_for: str | None = field(default=None, kw_only=True)

    @property
    def goes_at(self) -> datetime | None:
        """When its next step goes, as far as that is known."""
        return self.expected_at or self.new_time

    @property
    def enrollment_id(self) -> int:
        """The enrollment that ends, and that another one of the new version follows."""
        return self.standing.enrollment_id

    @property
    def lead_id(self) -> int:
        """Whose enrollment it is."""
        return self.standing.lead_id

    @property
    def address(self) -> str:
        """The lead's address."""
        return self.standing.address

    @property
    def old_time(self) -> datetime:
        """The time that it waited for."""
        return self.standing.time
