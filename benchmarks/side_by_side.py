"""Things measured side by side: they take turns, round by round, and are compared pair by pair."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Rate = Callable[[], float]
"""Does the work once and returns how much of it a second was done, larger is better."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What each did in each round, by its name. Whoever was left out of the race has no rates."""

    rounds: Sequence[Mapping[str, float]]

    def rate(self, who: str) -> float:
        """Return the median of somebody's rates."""
        return median(one[who] for one in self.rounds)

    def ratio(self, who: str, of: str) -> float:
        """Return the median of what one did of another in the same round."""
        return median(one[who] / one[of] for one in self.rounds)

    def has(self, who: str) -> bool:
        """Return whether somebody took part."""
        return all(who in one for one in self.rounds)


def take_turns(contestants: Mapping[str, Rate], rounds: int, tell: Callable[[str], None]) -> Turns:
    """Let all do their work once in each round; each round begins with another, so that none is always first."""
    names = list(contestants)
    taken: list[Mapping[str, float]] = []
    for number in range(rounds):
        first = number % len(names)
        rates: dict[str, float] = {}
        for name in names[first:] + names[:first]:
            tell(f"{name}, round {number + 1} of {rounds}")
            rates[name] = contestants[name]()
        taken.append(rates)
    return Turns(taken)
