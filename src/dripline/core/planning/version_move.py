"""An enrollment goes over to another version: where it goes on, and when.

Its calendar holds: what it has had stays where it was planned, and the waits of the new version count from there. A
step that this makes overdue is spread, so that a shortened wait does not send thousands at once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.planning.edit import Edit
from dripline.core.records.lateness import Sent, earliest, grace_of
from dripline.core.sequences.policy import Policy, WhenLate
from dripline.core.time.schedule import hashed_share, offsets

OVERDUE_SPREAD = timedelta(hours=2)
"""Over how long the steps are spread that a new version makes overdue."""


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


@dataclass(frozen=True, slots=True)
class Timetable:
    """An edit with the waits of both versions summed up, once for all who go over."""

    edit: Edit
    old: tuple[timedelta, ...] = field(kw_only=True)
    new: tuple[timedelta, ...] = field(kw_only=True)

    def move(self, standing: EnrollmentPosition, version: int, *, policy: Policy, now: datetime) -> VersionMove:
        """Say how an enrollment goes over to `version` at `now`."""
        first = self.edit.first_step(standing.step)
        had = standing.anchor + (self.old[standing.step - 2] if standing.step > 1 else timedelta(0))
        if first > len(self.new):
            return VersionMove(standing, step=None, new_time=None, anchor=had, moved=standing.moved)
        anchor = had - (self.new[first - 2] if first > 1 else timedelta(0))
        due = anchor + self.new[first - 1] + standing.moved
        wait_after = next((wait for at in self.new if (wait := at - self.new[first - 1]) > timedelta(0)), None)
        overdue = now - due > grace_of(policy, wait_after) and not standing.is_by_person
        time = _spread(standing, version, now) if overdue and policy.when_late is not WhenLate.SKIP else due
        if standing.sent_at is not None and not (overdue and policy.when_late is WhenLate.SKIP):
            sent = Sent(standing.sent_at, wait=due - standing.moved - had)
            time = earliest(WhenLate(policy.when_late), time, [sent])
        if standing.is_by_person:
            is_same = self.edit.new[first - 1].id == self.edit.old[standing.step - 1].id
            time = standing.time if is_same else max(time, standing.time)
        moved = standing.moved + (time - due if policy.when_late is WhenLate.RESPACE else timedelta(0))
        return VersionMove(standing, step=first, new_time=time, anchor=anchor, moved=moved, is_overdue=overdue)


def timetable(edit: Edit) -> Timetable:
    """Sum up the waits of both versions of an edit."""
    return Timetable(edit, old=offsets(step.wait for step in edit.old), new=offsets(step.wait for step in edit.new))


def _spread(standing: EnrollmentPosition, version: int, now: datetime) -> datetime:
    share = hashed_share(standing.enrollment_id, version)
    return now + timedelta(seconds=round(OVERDUE_SPREAD.total_seconds() * share))
