"""The workspace: what holds for every sequence, and all that a set of files describes, applied as one."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dripline.app.permissions import UseCases, requires
from dripline.app.senders import Senders
from dripline.app.sequences.sequences import Sequences
from dripline.core.accounts.access import Scope
from dripline.core.planning.plan import Action, Plan
from dripline.core.planning.reach import Reach, reach_of
from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.senders.sender import Sender
from dripline.core.sequences.sequence import Sequence
from dripline.core.views.operations import WorkspaceState
from dripline.core.views.sequences import Applied
from dripline.core.workspace import Workspace

NO_NAMES: Mapping[str, str] = MappingProxyType({})
"""No sequence is renamed."""


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


class WorkspaceSettings(UseCases):
    """What holds for every sequence, and several things set up at once."""

    @requires(Scope.REPORTS_READ)
    def state(self) -> WorkspaceState:
        """Return what holds for every sequence, and whether everything is paused."""
        return self._stores.workspaces.state()

    @requires(Scope.ADMIN)
    def plan(self, workspace: Workspace) -> SettingsPlan:
        """Say what applying a workspace would change, and change nothing."""
        return self._stores.workspaces.plan(workspace, self._session.now())

    @requires(Scope.ADMIN, audited_as="apply_workspace")
    def apply(self, workspace: Workspace) -> SettingsPlan:
        """Overwrite what holds for every sequence. Idempotent; holds for everything not yet claimed."""
        return self._stores.workspaces.apply(workspace, self._session.now())

    @requires(Scope.ADMIN)
    def plan_all(
        self,
        sequences: Iterable[Sequence],
        *,
        senders: Iterable[Sender] = (),
        workspace: Workspace | None = None,
        renamed: Mapping[str, str] = NO_NAMES,
        reach: Reach | str = Reach.NEW,
    ) -> PlannedSetup:
        """Say what `apply_all` would change and for whom, each as the ones before it will have left things.

        Several things are carried out in a transaction that is taken back, so that it refuses what applying them
        refuses, and tells the very numbers. Nothing is changed; raises what `apply_all` raises.
        """
        given = _Given(tuple(sequences), senders=tuple(senders), workspace=workspace, renamed=renamed)
        if len(given.sequences) == 1 and not given.senders and workspace is None and not renamed:
            return PlannedSetup(sequences=(Sequences(self._session).plan(given.sequences[0], reach=reach),))
        planned = PlannedSetup()
        with suppress(_RolledBackError), self._stores.store.transaction():
            planned = self._apply_all(given, reach_of(reach)).planned
            raise _RolledBackError
        return planned

    @requires(Scope.ADMIN, audited_as="apply_all")
    def apply_all(
        self,
        sequences: Iterable[Sequence],
        *,
        senders: Iterable[Sender] = (),
        workspace: Workspace | None = None,
        renamed: Mapping[str, str] = NO_NAMES,
        reach: Reach | str = Reach.NEW,
    ) -> AppliedSetup:
        """Apply the workspace, senders and sequences in one transaction: all of them, or nothing.

        Chains may lead from any of the sequences to any other. `renamed` are names that sequences had, each with
        the one that it has now. Raises what `apply`, `senders.apply`, `apply` and `sequences.rename` raise.
        """
        given = _Given(tuple(sequences), senders=tuple(senders), workspace=workspace, renamed=renamed)
        with self._stores.store.transaction():
            return self._apply_all(given, reach_of(reach))

    def _apply_all(self, given: "_Given", reach: Reach) -> AppliedSetup:
        settings = None if given.workspace is None else self.apply(given.workspace)
        beside = {sequence.name for sequence in given.sequences} | {*given.renamed}
        sender_plans = tuple(Senders(self._session).apply(sender, beside=beside) for sender in given.senders)
        own = {sequence.name for sequence in given.sequences}
        former = {new: old for old, new in given.renamed.items() if self._renamed(old, new, is_another=old in own)}
        sequences = given.sequences
        plans: dict[int, Plan] = {}
        applied: dict[int, Applied] = {}
        for at in self._in_turn(sequences):
            plans[at] = _with_former_name(
                Sequences(self._session).plan(sequences[at], reach=reach, beside=sequences), former
            )
            applied[at] = Sequences(self._session).publish(plans[at], beside=sequences)
        in_order = range(len(sequences))
        setup = PlannedSetup(workspace=settings, senders=sender_plans, sequences=tuple(plans[at] for at in in_order))
        return AppliedSetup(setup, sequences=tuple(applied[at] for at in in_order))

    def _renamed(self, old: str, new: str, *, is_another: bool) -> bool:
        """Give a sequence the name that its file has now; False where that was done before, or it is a new one.

        `is_another`: by its old name another sequence is known since, so that one that has the new name is the old one.
        """
        names = {state.sequence.name for state in self._stores.sequences.states()}
        if is_another and new in names:
            return False
        return old in names and Sequences(self._session).rename(old, new)

    def _in_turn(self, sequences: Listing[Sequence]) -> Iterator[int]:
        """Yield the places of sequences so that one comes after the one whose trigger it takes over."""
        places = {sequence.name: at for at, sequence in enumerate(sequences)}
        done: set[int] = set()
        for first in range(len(sequences)):
            waiting = [first]
            while waiting:
                at = waiting[-1]
                holder = self._stores.sequences.starting_on(sequences[at].trigger)
                before = None if holder in {None, sequences[at].name} else places.get(holder or "")
                if before is not None and before not in done and before not in waiting:
                    waiting.append(before)
                    continue
                waiting.pop()
                if at not in done:
                    done.add(at)
                    yield at


@dataclass(frozen=True, slots=True)
class _Given:
    """Several things to apply. `renamed`: names that sequences had, and what they are called now."""

    sequences: tuple[Sequence, ...]
    senders: tuple[Sender, ...] = field(kw_only=True)
    workspace: Workspace | None = field(kw_only=True)
    renamed: Mapping[str, str] = field(kw_only=True, hash=False)


def _with_former_name(planned: Plan, former: Mapping[str, str]) -> Plan:
    """Return a plan that says what its sequence was called before."""
    if planned.name not in former:
        return planned
    action = Action.UPDATE if planned.action is Action.KEEP else planned.action
    return replace(planned, action=action, changes=(f"renamed from {former[planned.name]!r}", *planned.changes))


class _RolledBackError(Exception):
    """Ends a transaction that was only to show what it would do."""
