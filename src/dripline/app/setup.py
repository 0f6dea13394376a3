"""Setting up: the workspace, senders and sequences of several files, planned and applied as one."""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from contextlib import suppress
from dataclasses import dataclass, field

from dripline.app.senders import SenderCases
from dripline.app.sequences import SequenceCases
from dripline.app.workspace import WorkspaceCases
from dripline.core.edit import Reach, reach_of
from dripline.core.model import Sequence
from dripline.core.plan import Plan
from dripline.core.sender import Sender
from dripline.core.settings_plan import SettingsPlan
from dripline.core.workspace import Workspace
from dripline.store.sequences import Applied


@dataclass(frozen=True, slots=True)
class PlannedSetup:
    """What applying several things changes, each in the order in which it was given."""

    workspace: SettingsPlan | None = field(default=None, kw_only=True)
    senders: tuple[SettingsPlan, ...] = field(default=(), kw_only=True)
    sequences: tuple[Plan, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class AppliedSetup:
    """What applying several things did: the plan that was carried out, and what became of each sequence."""

    planned: PlannedSetup
    sequences: tuple[Applied, ...] = field(default=(), kw_only=True)


class SetupCases(SequenceCases, SenderCases, WorkspaceCases):
    """What can be asked about several things at once."""

    def plan_all(
        self,
        sequences: Iterable[Sequence],
        *,
        senders: Iterable[Sender] = (),
        workspace: Workspace | None = None,
        reach: Reach | str = Reach.NEW,
    ) -> PlannedSetup:
        """Say what `apply_all` would change and for whom, each as the ones before it will have left things.

        Several things are carried out in a transaction that is taken back, so that it refuses what applying them
        refuses, and tells the very numbers. Nothing is changed; raises what `apply_all` raises.
        """
        given, others = tuple(sequences), tuple(senders)
        if len(given) == 1 and not others and workspace is None:
            return PlannedSetup(sequences=(self.plan(given[0], reach=reach),))
        planned = PlannedSetup()
        with suppress(_TakenBackError), self._store.transaction():
            planned = self._apply_all(given, others, workspace, reach_of(reach)).planned
            raise _TakenBackError
        return planned

    def apply_all(
        self,
        sequences: Iterable[Sequence],
        *,
        senders: Iterable[Sender] = (),
        workspace: Workspace | None = None,
        reach: Reach | str = Reach.NEW,
    ) -> AppliedSetup:
        """Apply the workspace, senders and sequences in one transaction: all of them, or nothing.

        Chains may lead from any of the sequences to any other. Raises what `apply`, `apply_sender` and
        `apply_workspace` raise.
        """
        given, others = tuple(sequences), tuple(senders)
        with self._store.transaction():
            return self._apply_all(given, others, workspace, reach_of(reach))

    def _apply_all(
        self, sequences: tuple[Sequence, ...], senders: tuple[Sender, ...], workspace: Workspace | None, reach: Reach
    ) -> AppliedSetup:
        settings = None if workspace is None else self.apply_workspace(workspace)
        senders_told = tuple(map(self.apply_sender, senders))
        plans: dict[int, Plan] = {}
        applied: dict[int, Applied] = {}
        for at in self._in_turn(sequences):
            plans[at] = self.plan(sequences[at], reach=reach, beside=sequences)
            applied[at] = self.publish(plans[at], beside=sequences)
        in_order = range(len(sequences))
        told = PlannedSetup(workspace=settings, senders=senders_told, sequences=tuple(plans[at] for at in in_order))
        return AppliedSetup(told, sequences=tuple(applied[at] for at in in_order))

    def _in_turn(self, sequences: Listing[Sequence]) -> Iterator[int]:
        """Yield the places of sequences so that one comes after the one whose trigger it takes over."""
        places = {sequence.name: at for at, sequence in enumerate(sequences)}
        done: set[int] = set()
        for first in range(len(sequences)):
            waiting = [first]
            while waiting:
                at = waiting[-1]
                holder = self._sequences.starting_on(sequences[at].trigger)
                before = None if holder in {None, sequences[at].name} else places.get(holder or "")
                if before is not None and before not in done and before not in waiting:
                    waiting.append(before)
                    continue
                waiting.pop()
                if at not in done:
                    done.add(at)
                    yield at


class _TakenBackError(Exception):
    """Ends a transaction that was only to show what it would do."""
