"""What a measurement works with: places to measure in, and somebody to tell how far it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.figure import Figure
from benchmarks.places import Places


@dataclass(frozen=True, slots=True)
class Bench:
    """Places for databases; `tell` says in a few words what is being done, and replaces what it said before."""

    places: Places
    tell: Callable[[str], None] = field(kw_only=True)


Measure = Callable[[Bench], Iterable[Figure]]
"""Measures, and yields each figure as soon as it is there."""
