"""A sequence's edit before it is known who exactly stands where: how each live version becomes the wanted one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from dripline.core.planning.edit import Edit, align
from dripline.core.planning.reach import Reach
from dripline.core.planning.same_step import Identified, identify
from dripline.core.sequences.sequence import Sequence, Step


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many live enrollments of a version have the same next step, and how many of them are being sent."""

    live: int
    in_flight: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Stored:
    """A sequence as it is stored: its newest version, the steps of the live ones, and who stands where in each.

    `versions` holds the steps of the newest version and of every other that has live enrollments, `known` every step
    that there ever was, by its id. `crowds` is keyed by version and next step.
    """

    sequence: Sequence
    version: int = field(kw_only=True)
    versions: Mapping[int, tuple[Step, ...]] = field(kw_only=True)
    known: Mapping[str, Step] = field(kw_only=True)
    crowds: Mapping[tuple[int, int], Crowd] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan before it is known who exactly stands where: how each live version becomes the wanted one.

    Every step of `wanted` has its id; `renamed` are the ids that steps had before. `edits` are of the steps by their
    ids as they will be.
    """

    stored: Stored
    wanted: Sequence = field(kw_only=True)
    reach: Reach = field(kw_only=True)
    edits: Mapping[int, Edit] = field(kw_only=True)
    renamed: Mapping[str, str] = field(kw_only=True)

    @property
    def new_version(self) -> bool:
        """Whether newcomers get a new version."""
        return bool(self.edits[self.stored.version].changes)

    @property
    def version(self) -> int:
        """The version that newcomers get."""
        return self.stored.version + self.new_version

    def going(self) -> list[tuple[int, int]]:
        """Return the versions and next steps from which enrollments go over."""
        return [at for at in self._reached() if not self._again(at) and not self._loses(at)]

    def repeated(self) -> int:
        """Count the enrollments that stay because they would get a step again."""
        return sum(self.stored.crowds[at].live for at in self._reached() if self._again(at))

    def missing(self) -> int:
        """Count the enrollments that stay because they would miss a step that is only moved."""
        return sum(self.stored.crowds[at].live for at in self._reached() if self._loses(at) and not self._again(at))

    def edit_from(self, steps: Iterable[Step]) -> Edit:
        """Return how the steps of some version become the wanted ones."""
        return align(
            tuple(replace(step, id=self.renamed.get(step.id or "", step.id)) for step in steps), self.wanted.steps
        )

    def _again(self, at: tuple[int, int]) -> bool:
        return self.edits[at[0]].repeats(at[1])

    def _loses(self, at: tuple[int, int]) -> bool:
        return self.edits[at[0]].loses(at[1])

    def _reached(self) -> Iterator[tuple[int, int]]:
        for version, step in self.stored.crowds:
            if version != self.version and self.edits[version].concerns(step, self.reach):
                yield version, step


def draft(stored: Stored, wanted: Sequence, reach: Reach) -> Draft:
    """Compare a wanted sequence with every version of the stored one that is live, step by step."""
    own = identify(stored.versions[stored.version], wanted.steps, stored.known)
    named = replace(wanted, steps=own.steps)
    edits = {version: align(_renamed(steps, own), own.steps) for version, steps in stored.versions.items()}
    return Draft(stored, wanted=named, reach=reach, edits=edits, renamed=own.renamed)


def _renamed(steps: Iterable[Step], own: Identified) -> tuple[Step, ...]:
    return tuple(replace(step, id=own.renamed.get(step.id or "", step.id)) for step in steps)
