"""Who plays: senders and sequences as files hold them, and the leads."""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import timedelta

from dripline.core.messages.render import undeclared
from dripline.core.senders.sender import Sender
from dripline.core.sequences.sequence import Sequence
from dripline.core.time.schedule import offsets
from dripline.core.workspace import Workspace
from dripline.simulate.counters import HOUR
from dripline.simulate.population import Made, Population

SPLIT_FROM = 20_000
"""From how many made-up leads on a cast is split: starting a process takes as long as playing a few hundred of them."""


@dataclass(frozen=True, slots=True)
class Participants:
    """What is played by whom."""

    senders: tuple[Sender, ...] = field(kw_only=True)
    sequences: tuple[Sequence, ...] = field(kw_only=True)
    population: Population = field(kw_only=True)
    workspace: Workspace | None = field(default=None, kw_only=True)

    @property
    def length(self) -> timedelta:
        """How long the longest sequence is; all of them together where one starts another."""
        lengths = [offsets(step.wait for step in sequence.steps)[-1] for sequence in self.sequences]
        return sum(lengths, timedelta(0)) if any(sequence.then for sequence in self.sequences) else max(lengths)

    @property
    def shortest_wait(self) -> timedelta:
        """The shortest wait between two steps, an hour at least; a day where no step waits."""
        waits = [step.wait for sequence in self.sequences for step in sequence.steps[1:] if step.wait]
        return max(HOUR, min(waits, default=timedelta(days=1)))


def filled_in(sequence: Sequence) -> Sequence:
    """Return a sequence with something to stand in for the attributes that made-up leads do not have."""
    return replace(sequence, variables={name: name for name in sorted(undeclared(sequence))} | {**sequence.variables})


def halves(cast: Participants) -> tuple[Participants, Participants] | None:
    """Return two casts that share nothing and are this one together; None where that cannot be, or is not worth it.

    Leads meet nowhere but on the lanes of their senders. Where every sequence goes by the same senders, each half has
    every other sender and the leads that go by it: leads go to the senders in turn, as the engine spreads them. Whether
    a cast is split depends on nothing but itself, so that a run is the same on one core and on two.
    """
    population, senders = cast.population, _shared(cast)
    if not isinstance(population, Made) or population.size < SPLIT_FROM or len(senders) < len(("one", "other")):
        return None
    return _half(cast, population, senders, 0), _half(cast, population, senders, 1)


def _shared(cast: Participants) -> tuple[Sender, ...]:
    """Return the senders by which each sequence goes; none where they differ, or one goes without."""
    by_sequence = {_senders_of(sequence, cast.senders) for sequence in cast.sequences}
    return by_sequence.pop() if len(by_sequence) == 1 else ()


def _senders_of(sequence: Sequence, senders: Listing[Sender]) -> tuple[Sender, ...]:
    return tuple(sender for sender in senders if sender.name in sequence.senders or sender.pool in sequence.senders)


def _half(cast: Participants, population: Made, senders: tuple[Sender, ...], first: int) -> Participants:
    own = senders[first::2]
    idle = tuple(sender for sender in cast.senders if sender not in senders)
    return Participants(
        senders=own if first else own + idle,
        sequences=tuple(replace(sequence, senders=[one.name for one in own]) for sequence in cast.sequences),
        workspace=cast.workspace,
        population=replace(population, turns=(len(senders), frozenset(range(first, len(senders), 2)))),
    )
