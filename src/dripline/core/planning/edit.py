"""What differs between two versions of a sequence's steps, and where a lead that stands in the old one would go on.

Steps are matched by their ids (`core.planning.same_step`). A lead keeps its place: it goes on after the last step that
it has had, whatever was put in or taken out before that. It never gets a step again, nor loses one that is only moved.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from enum import StrEnum

from dripline.core.planning.reach import Reach
from dripline.core.planning.same_step import in_order
from dripline.core.sequences.sequence import Step
from dripline.core.time.schedule import format_delay


class Place(StrEnum):
    """Where a lead stands to a change: its next step comes before it, is changed by it, or comes after it."""

    BEFORE = "before"
    AT = "at"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, in words. `old` and `new` are the step's positions, None where that version lacks it."""

    text: str
    old: int | None = field(kw_only=True)
    new: int | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Edit:
    """How one version's steps become another's. `pairs`: positions of the steps that both have, in the same order."""

    old: tuple[Step, ...]
    new: tuple[Step, ...]
    pairs: tuple[tuple[int, int], ...] = field(kw_only=True)
    changes: tuple[Change, ...] = field(kw_only=True)

    def first_step(self, standing: int) -> int:
        """Return where a lead goes on whose next step is `standing`: past the new version's end if nothing is left."""
        return max((new for old, new in self.pairs if old < standing), default=0) + 1

    def place(self, change: Change, standing: int) -> Place:
        """Return where a lead whose next step is `standing` stands to a change."""
        if change.old is not None and (standing <= change.old or change.new is None):
            return _place(standing, change.old)
        if change.old is not None and any(old == change.old for old, _ in self.pairs):
            return Place.PAST
        assert change.new is not None
        return _place(self.first_step(standing), change.new)

    def repeats(self, standing: int) -> bool:
        """Return whether a lead that went over would get a step again."""
        return bool(_ids(self.old[: standing - 1]) & _ids(self.new[self.first_step(standing) - 1 :]))

    def loses(self, standing: int) -> bool:
        """Return whether a lead that went over would miss a step that it has ahead, and that was only moved."""
        return bool(_ids(self.old[standing - 1 :]) & _ids(self.new[: self.first_step(standing) - 1]))

    def concerns(self, standing: int, reach: Reach) -> bool:
        """Return whether a lead whose next step is `standing` is among those that a new version reaches."""
        places = {self.place(change, standing) for change in self.changes}
        match reach:
            case Reach.NEW:
                return False
            case Reach.NOT_YET:
                return Place.BEFORE in places and Place.AT not in places
            case Reach.ALL | Reach.FINISHED:
                return not places <= {Place.PAST}


def settings_of(step: Step) -> dict[str, str]:
    """Return, in words, what a version fixes of a step."""
    return {"wait": format_delay(step.wait)}


def align(old: Listing[Step], new: Listing[Step]) -> Edit:
    """Match the steps of two versions by their ids, and say what differs."""
    places = {step.id: position for position, step in enumerate(old, start=1)}
    both = {position: places[step.id] for position, step in enumerate(new, start=1) if step.id in places}
    pairs = [(of, at) for at, of in in_order(both)]
    moved = {of: at for at, of in both.items() if (of, at) not in pairs}
    return Edit(tuple(old), tuple(new), pairs=tuple(pairs), changes=tuple(_changes(old, new, pairs, moved)))


def _changes(
    old: Listing[Step], new: Listing[Step], pairs: Listing[tuple[int, int]], moved: Mapping[int, int]
) -> Iterator[Change]:
    """Yield what differs, in the order of the steps."""
    before_old = before_new = 0
    for of, at in (*pairs, (len(old) + 1, len(new) + 1)):
        for was in range(before_old + 1, of):
            if was in moved:
                yield Change(f"step {was} becomes step {moved[was]}", old=was, new=moved[was])
                yield from _changed_settings(old, new, was, moved[was])
            else:
                yield Change(f"step {was} is removed", old=was, new=None)
        come = (becomes for becomes in range(before_new + 1, at) if becomes not in set(moved.values()))
        yield from (Change(f"step {be} is new, {_after(new[be - 1])}", old=None, new=be) for be in come)
        if of <= len(old):
            yield from _changed_settings(old, new, of, at)
        before_old, before_new = of, at


def _changed_settings(old: Listing[Step], new: Listing[Step], was: int, becomes: int) -> Iterator[Change]:
    before, after = settings_of(old[was - 1]), settings_of(new[becomes - 1])
    which = f"step {was}" if was == becomes else f"step {was}, now {becomes}"
    for name in after:
        if before[name] != after[name] and old[was - 1].wait != new[becomes - 1].wait:
            yield Change(f"{which}: {name} {before[name]} → {after[name]}", old=was, new=becomes)


def _after(step: Step) -> str:
    return f"{format_delay(step.wait)} after the one before"


def _ids(steps: Listing[Step]) -> set[str | None]:
    return {step.id for step in steps}


def _place(standing: int, changed: int) -> Place:
    if standing < changed:
        return Place.BEFORE
    return Place.AT if standing == changed else Place.PAST
