"""Leads who have finished a sequence, and steps that are appended to it: who gets them, when, and who does not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dripline.core.planning.draft import Draft
from dripline.core.planning.edit import Edit
from dripline.core.planning.timetable import timetable
from dripline.core.planning.version_move import EnrollmentPosition, VersionMove
from dripline.core.sequences.policy import WhenLate
from dripline.core.sequences.sequence import Step


@dataclass(frozen=True, slots=True)
class Finished:
    """How many have finished and have a step ahead now, from which step on, and those who go on with it.

    `same_address`: those who do not, since another one who does has the same address.
    """

    leads: int = field(default=0, kw_only=True)
    first_step: int = field(default=0, kw_only=True)
    last_step: int = field(default=0, kw_only=True)
    moves: tuple[VersionMove, ...] = field(default=(), kw_only=True)
    same_address: int = field(default=0, kw_only=True)

    @property
    def steps(self) -> str:
        """The steps that they lack, in words."""
        return (
            f"step {self.first_step}"
            if self.first_step == self.last_step
            else f"steps {self.first_step} to {self.last_step}"
        )

    def note(self) -> str:
        """Say who does not get what was appended."""
        have = "1 lead has finished and does" if self.leads == 1 else f"{self.leads} leads have finished and do"
        return f"{have} not get {self.steps} unless the reach is finished"

    def sentence(self) -> str:
        """Say who gets what was appended, and who does not."""
        have = (
            "1 lead that has finished gets"
            if len(self.moves) == 1
            else f"{len(self.moves)} leads that have finished get"
        )
        left_out = self.leads - len(self.moves) - self.same_address
        others = f"; {left_out} more may not be sent to, or had it" if left_out else ""
        shared = f"; {self.same_address} more {'has' if self.same_address == 1 else 'have'} the address of one of these"
        return f"{have} {self.steps}{shared if self.same_address else ''}{others}"


def edits_of_finished(drafted: Draft, versions: Mapping[int, tuple[Step, ...]]) -> dict[int, Edit]:
    """Return how the versions become the wanted one in which whoever has finished has a step ahead."""
    edits = {version: drafted.edit_from(steps) for version, steps in versions.items()}
    return {version: edit for version, edit in edits.items() if _has_steps_ahead(edit)}


def finished(
    drafted: Draft,
    edits: Mapping[int, Edit],
    counts: Mapping[int, int],
    standings: Iterable[EnrollmentPosition],
    now: datetime,
    *,
    same_address: int = 0,
) -> Finished:
    """Say who has finished in which version, and when each of `standings` goes on."""
    if not edits:
        return Finished()
    # Whoever has finished waits for nothing, so that no step of theirs is late: what is overdue is spread.
    policy = replace(drafted.wanted.policy, when_late=WhenLate.RESPACE)
    tables = {version: timetable(edit) for version, edit in edits.items()}
    moves = (tables[one.version].move(one, drafted.version, policy=policy, now=now) for one in standings)
    return Finished(
        leads=sum(counts[version] for version in edits),
        first_step=min(edit.first_step(len(edit.old) + 1) for edit in edits.values()),
        last_step=len(drafted.wanted.steps),
        moves=tuple(moves),
        same_address=same_address,
    )


def _has_steps_ahead(edit: Edit) -> bool:
    end = len(edit.old) + 1
    return edit.first_step(end) <= len(edit.new) and not edit.repeats(end)
