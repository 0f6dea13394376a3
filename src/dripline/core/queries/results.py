"""What each step of a sequence led to. Each figure says of which records it is, so that those can be listed.

A step is the same in every version of its sequence, whatever its place and its text: it is known by its id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from dripline.core.queries.filters import DELIVERIES, RecordFilter, StatusGroup, StepResult
from dripline.core.queries.report import EnrollmentCount, Figure

RECEIPT = "receipt_"
"""How the tallies of receipts begin: how far a message has come stands behind it."""

TALLIED: Mapping[StepResult, tuple[str, ...]] = {
    StepResult.SENT: (StatusGroup.COMPLETED,),
    **{result: tuple(RECEIPT + delivery for delivery in deliveries) for result, deliveries in DELIVERIES.items()},
    StepResult.REPLIED: ("replied",),
    StepResult.STOPPED: ("stopped",),
    StepResult.GOAL: ("goal",),
    StepResult.LEFT: ("left_here",),
}
"""What a figure is summed up of: how the tallies name it."""

OF_DELIVERED = frozenset({StepResult.READ})
"""What is a share of the messages that were delivered; everything else is one of those that were sent."""


@dataclass(frozen=True, slots=True)
class StepResults:
    """What a step led to, or all steps of a sequence together.

    `step_id` is None for all together; `position` is the step's place in the newest version, None where that has it no
    more. `message` is how its newest text begins. `are_read`: whether any message of the sequence is known to have been
    read: where none is, the channel may not tell.
    """

    of: RecordFilter
    step_id: str | None = field(default=None, kw_only=True)
    position: int | None = field(default=None, kw_only=True)
    message: str = field(default="", kw_only=True)
    counts: Mapping[str, int] = field(kw_only=True, hash=False)
    are_read: bool = field(default=True, kw_only=True)

    def figure(self, result: StepResult) -> Figure | None:
        """Return how many messages, or runs, came to this; None where no receipt tells."""
        if not self._is_known(result):
            return None
        of = replace(self.of, standings=(StatusGroup.COMPLETED,) if result is StepResult.SENT else self.of.standings)
        return Figure(
            sum(self.counts.get(one, 0) for one in TALLIED[result]),
            of=of if result is StepResult.SENT else replace(of, result=result),
        )

    def figures(self) -> dict[StepResult, Figure | None]:
        """Return all of them."""
        return {result: self.figure(result) for result in StepResult}

    def share(self, result: StepResult) -> float | None:
        """Return which part of the messages sent came to this, or of those delivered was read; None: nobody knows."""
        one, all_ = (
            self.figure(result),
            self.figure(StepResult.DELIVERED if result in OF_DELIVERED else StepResult.SENT),
        )
        return None if one is None or all_ is None or not all_.many else one.many / all_.many

    def _is_known(self, result: StepResult) -> bool:
        if result not in DELIVERIES:
            return True
        has_receipts = any(count for name, count in self.counts.items() if name.startswith(RECEIPT))
        return has_receipts and (result is not StepResult.READ or self.are_read)


@dataclass(frozen=True, slots=True)
class SequenceResults:
    """What the steps of a sequence led to: all together, and each: those of the newest version, then older ones."""

    sequence: str
    enrollments: EnrollmentCount = field(kw_only=True)
    all: StepResults = field(kw_only=True)
    steps: tuple[StepResults, ...] = field(kw_only=True)


def together(sequence: str, enrollments: EnrollmentCount, steps: Iterable[StepResults]) -> SequenceResults:
    """Return what steps led to, each and all together."""
    every = tuple(steps)
    names = {name for step in every for name in step.counts}
    counts = {name: sum(step.counts.get(name, 0) for step in every) for name in names}
    are_read = bool(counts.get(TALLIED[StepResult.READ][0]))
    return SequenceResults(
        sequence,
        enrollments=enrollments,
        all=StepResults(RecordFilter(sequence=sequence), counts=counts, are_read=are_read),
        steps=tuple(replace(step, are_read=are_read) for step in every),
    )
