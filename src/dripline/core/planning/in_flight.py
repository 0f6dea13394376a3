"""What applying a sequence does to the leads who are in it already, beside moving them to a new version: in numbers."""

from collections.abc import Iterator
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field

from dripline.core.sequences.sequence import Sequence

NAMED = 3
"""How many of those who leave are named where a person reads a plan."""


def changes_rules(stored: Sequence, wanted: Sequence) -> bool:
    """Return whether messages that wait for a rule may have to wait no longer, or for something else."""
    return _rules(stored) != _rules(wanted)


def _rules(sequence: Sequence) -> tuple[object, ...]:
    steps = [(step.hours, step.template) for step in sequence.steps]
    own = sequence.policy
    return sequence.hours, sequence.zone, own.gap, own.when_late, sequence.channel, sequence.senders, steps


@dataclass(frozen=True, slots=True)
class Rival:
    """Leads who are in two sequences of a group: in how many cases this one goes on, and in how many the other."""

    sequence: str
    goes_on: int = field(kw_only=True)
    ends: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Ending:
    """A live enrollment that ends, and whose it is: the lead's phone, or its e-mail address where it has no phone."""

    enrollment_id: int
    lead_id: int = field(kw_only=True)
    address: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Effects:
    """How many live enrollments a change of settings concerns.

    `change_sender`: they go by another sender, or by none. `no_address`: they have no address for the new channel, and
    leave. `barred`: their address for it is barred, and they leave. `uninvited`: the channel reaches only people who
    wrote first, which they did not, and they leave. `same_address`: those that end since another lead, which is or was
    in the sequence, has the same address for the new channel. `at_goal`: their leads have the goal already, and leave.
    `asked_again`: they wait for a rule, and the rules are asked again as they are then. `rivals`: their leads are in
    another sequence of the group as well.
    """

    change_sender: int = field(default=0, kw_only=True)
    no_address: int = field(default=0, kw_only=True)
    barred: int = field(default=0, kw_only=True)
    uninvited: int = field(default=0, kw_only=True)
    same_address: tuple[Ending, ...] = field(default=(), kw_only=True)
    at_goal: int = field(default=0, kw_only=True)
    asked_again: int = field(default=0, kw_only=True)
    rivals: tuple[Rival, ...] = field(default=(), kw_only=True)

    def sentences(self, *, channel: str, senders: tuple[str, ...], goal: str | None) -> Iterator[str]:
        """Say them for a person, one line each; nothing where nobody is concerned."""
        if count := self.change_sender:
            yield f"{_leads(count)} in flight {_go(count)} on by {', '.join(senders) or 'no sender, unpaced'}"
        yield from self._leaving(channel, goal)
        if count := self.asked_again:
            what = "waiting message" if count == 1 else "waiting messages"
            yield f"{count} {what} {_are(count)} checked again under the new rules"
        for rival in self.rivals:
            both = rival.goes_on + rival.ends
            yield (
                f"{_leads(both)} {_are(both)} in {rival.sequence} of the same group as well: "
                f"{rival.goes_on} {_go(rival.goes_on)} on here, {rival.ends} there"
            )

    def _leaving(self, channel: str, goal: str | None) -> Iterator[str]:
        if count := self.no_address:
            yield f"{_leads(count)} in flight {_have(count)} no address for {channel}, leaving"
        if count := self.barred:
            yield f"{_leads(count)} in flight {_are(count)} barred on {channel}, leaving"
        if count := self.uninvited:
            yield f"{_leads(count)} in flight never wrote on {channel}, leaving"
        if count := len(self.same_address):
            whose = "that of another lead which is or was in it"
            yield f"{_leads(count)} in flight {_have(count)} an address for {channel} that is {whose}, leaving"
        if count := self.at_goal:
            yield f"{_leads(count)} in flight {_have(count)} the goal {goal} already, leaving"


def named(endings: Listing[Ending]) -> str:
    """Name the leads of a few endings by their addresses, and count the others."""
    addresses = [ending.address for ending in endings[:NAMED]]
    more = len(endings) - len(addresses)
    return ", ".join(addresses) + (f" and {more} more" if more else "")


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count} leads"


def _go(count: int) -> str:
    return "goes" if count == 1 else "go"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
