"""``benchmarks/ratios.json``: what the quick run's ratios were when they were recorded, larger is better.

A ratio is of two things measured side by side within seconds, so that it holds on any machine. It is allowed to fall to
half of what was recorded, since a busy machine and small sizes move it; one of the floor, which itself never moves, to
two thirds. Absolute times are not compared at all.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figure import AtMost, Figure

FILE = Path(__file__).with_name("ratios.json")

WORST = 0.5
"""How much of a recorded ratio must be left."""

FLOOR, WORST_OF_THE_FLOOR = ".floor", 2 / 3
"""How the names of such ratios end, and how much of them must be left: a heavier schema shows in them alone."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A ratio as it was recorded, if it was, and as it is now."""

    figure: Figure
    recorded: float | None = field(kw_only=True)

    @property
    def now(self) -> float:
        """The ratio now, larger is better."""
        return ratio(self.figure)

    @property
    def has_fallen(self) -> bool:
        """Whether less is left than is allowed, or nothing was recorded to hold it against."""
        worst = WORST_OF_THE_FLOOR if self.figure.name.endswith(FLOOR) else WORST
        return self.recorded is None or self.now < self.recorded * worst


def ratio(figure: Figure) -> float:
    """Return a figure such that larger is better."""
    assert figure.value, f"{figure.name} was not measured"
    return 1 / figure.value if isinstance(figure.goal, AtMost) else figure.value


def compare(figures: Iterable[Figure], file: Path = FILE) -> list[Compared]:
    """Hold figures against what was recorded."""
    known = recorded(file)
    return [Compared(figure, recorded=known.get(figure.name)) for figure in figures]


def record(figures: Iterable[Figure], file: Path = FILE) -> None:
    """Write ratios into the file, in place of those of the same names."""
    new = {figure.name: round(ratio(figure), 3) for figure in figures}
    file.write_text(json.dumps(recorded(file) | new, indent=2) + "\n", encoding="utf-8")


def recorded(file: Path = FILE) -> dict[str, float]:
    """Return the recorded ratios by the names of their figures."""
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
