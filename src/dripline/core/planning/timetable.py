"""An enrollment goes over to another version: where it goes on, and when.

Its calendar holds: what it has had stays where it was planned, and the waits of the new version count from there. A
step that this makes overdue is spread, so that a shortened wait does not send thousands at once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.planning.edit import Edit
from dripline.core.planning.version_move import EnrollmentPosition, VersionMove
from dripline.core.records.lateness import Sent, earliest, grace_of
from dripline.core.sequences.policy import Policy, WhenLate
from dripline.core.time.schedule import hashed_share, offsets

OVERDUE_SPREAD = timedelta(hours=2)
"""Over how long the steps are spread that a new version makes overdue."""


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
