"""One figure: what was measured, what it came to, what it was to be, and beside what."""

from dataclasses import dataclass, field
from enum import StrEnum

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A goal that larger figures meet."""

    limit: float

    def is_met(self, value: float) -> bool:
        """Return whether a figure is large enough."""
        return value >= self.limit

    @override
    def __str__(self) -> str:
        return f"≥ {self.limit:g}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """A goal that smaller figures meet."""

    limit: float

    def is_met(self, value: float) -> bool:
        """Return whether a figure is small enough."""
        return value <= self.limit

    @override
    def __str__(self) -> str:
        return f"≤ {self.limit:g}"


class Verdict(StrEnum):
    """What a figure is worth."""

    MET = "met"
    MISSED = "MISSED"
    NO_GOAL = "–"
    NOT_MEASURED = "not measured"
    BROKE = "BROKE"


TIMES = "×"
"""The unit of a ratio, of two things measured side by side."""


@dataclass(frozen=True, slots=True)
class Part:
    """A number that a figure is made of, or is to be compared with."""

    label: str
    value: float
    unit: str

    @override
    def __str__(self) -> str:
        return f"{self.label} {digits(self.value)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by its name, which is its key in the files; without a value it was not measured, and `note` says why.

    `of`: what was measured, as the table calls it. `beside`: what it is made of, or to be compared with. `broke`: the
    measuring itself went wrong.
    """

    name: str
    of: str = field(kw_only=True)
    value: float | None = field(kw_only=True)
    unit: str = field(kw_only=True)
    goal: AtLeast | AtMost | None = field(default=None, kw_only=True)
    beside: tuple[Part, ...] = field(default=(), kw_only=True)
    note: str = field(default="", kw_only=True)
    broke: bool = field(default=False, kw_only=True)

    @property
    def verdict(self) -> Verdict:
        """Whether the goal is met."""
        if self.broke:
            return Verdict.BROKE
        if self.value is None:
            return Verdict.NOT_MEASURED
        if self.goal is None:
            return Verdict.NO_GOAL
        return Verdict.MET if self.goal.is_met(self.value) else Verdict.MISSED

    @property
    def written(self) -> str:
        """The value with its unit, as a person reads it."""
        return "–" if self.value is None else f"{digits(self.value)} {self.unit}"

    @property
    def written_goal(self) -> str:
        """The goal with its unit."""
        return "–" if self.goal is None else f"{self.goal} {self.unit}"

    @property
    def written_beside(self) -> str:
        """What it is compared with, in one line."""
        return ", ".join([*map(str, self.beside), *filter(None, [self.note])])


def power(number: int) -> str:
    """Write a power of ten as one, and any other number with its digits."""
    zeros = len(str(number)) - 1
    return f"10^{zeros}" if number == 10**zeros else f"{number:,}"


def digits(value: float) -> str:
    """Write a number with as many digits as are worth reading: three, and no fraction above a hundred."""
    if abs(value) >= 1_000:
        step = 10 ** (len(str(int(abs(value)))) - 3)
        return f"{round(value / step) * step:,}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
