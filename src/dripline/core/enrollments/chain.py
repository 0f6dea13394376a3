"""Chains: a sequence ends by firing the trigger of the next, COLD → WARM → HOT; in a circle only if that is meant."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dripline.core.sequences.sequence import Sequence
from dripline.errors import InvalidSequence


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A sequence as a part of a chain: what starts it, and what its end fires."""

    name: str
    trigger: str = field(kw_only=True)
    then: str | None = field(kw_only=True)
    may_loop: bool = field(kw_only=True)

    @classmethod
    def of(cls, sequence: Sequence) -> "ChainLink":
        """Return a sequence's link."""
        return cls(sequence.name, trigger=sequence.trigger, then=sequence.then, may_loop=sequence.may_loop)


def check_chain(own: ChainLink, others: Iterable[ChainLink]) -> None:
    """Refuse a sequence that would fire what starts nothing, run in a circle, or leave another one firing at nothing.

    `others` are all other sequences, as they will be.

    Raises:
        InvalidSequence: Names the sequence, the trigger and the remedy.
    """
    starts = {link.trigger: link for link in (*others, own)}
    dangling = next((link for link in starts.values() if link.then is not None and link.then not in starts), None)
    if dangling is not None:
        raise InvalidSequence(
            f"The sequence {dangling.name!r} fires {dangling.then} at its end, and no sequence starts on that: "
            "apply one that does with it, or correct `then`."
        )
    circle = _circle(own, starts)
    if circle and not any(link.may_loop for link in circle):
        path = " → ".join([*(link.trigger for link in circle), own.trigger])
        raise InvalidSequence(
            f"The sequence {own.name!r} would run in a circle, {path}: "
            "take out a `then`, or write may_loop: yes if it is meant."
        )


def _circle(own: ChainLink, starts: dict[str, ChainLink]) -> list[ChainLink]:
    """Return the links from a sequence back to itself; none where its chain ends elsewhere."""
    path = [own]
    while (then := path[-1].then) is not None:
        following = starts[then]
        if following is own:
            return path
        if following in path:
            return []
        path.append(following)
    return []
