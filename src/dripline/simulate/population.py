"""Who is reached in a run: leads made up, or those of a list."""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from dripline.core.leads.lead import NewLead
from dripline.core.sequences.sequence import Sequence
from dripline.importing.leads.leads_file import GoodRow, open_leads

FIRST_PHONE = 60_120_000_000

NAMES = (
    "Aina",
    "Badrul",
    "Chong Wei",
    "Devi",
    "Farah",
    "Hafiz",
    "Iman",
    "Jaya",
    "Kavitha",
    "Mei Ling",
    "Nurul",
    "Siti",
)


@dataclass(frozen=True, slots=True)
class Made:
    """Synthetic leads: a phone and a name each, an e-mail address where one is needed, and the triggers in turn.

    `turns`: of so many turns, only the leads whose turn is one of these; every lead of every trigger, unless given.
    """

    size: int
    triggers: tuple[str, ...] = field(kw_only=True)
    with_email: bool = field(default=False, kw_only=True)
    turns: tuple[int, frozenset[int]] = field(default=(1, frozenset({0})), kw_only=True)
    refused: int = field(default=0, init=False)

    def count(self) -> int:
        """Return how many leads there are."""
        return sum(1 for _ in self._numbers())

    def leads(self) -> Iterator[NewLead]:
        """Yield every lead, the same ones each time."""
        for number in self._numbers():
            phone = str(FIRST_PHONE + number)
            trigger = self.triggers[number % len(self.triggers)]
            email = f"{phone}@example.com" if self.with_email else None
            yield NewLead(phone, email=email, name=NAMES[number % len(NAMES)], triggers=(trigger,))

    def _numbers(self) -> Iterator[int]:
        turns, own = self.turns
        return (number for number in range(self.size) if number // len(self.triggers) % turns in own)


class Listed:
    """The leads of a file. One whose row names no trigger is given one, in turn."""

    def __init__(self, path: Path, *, region: str, triggers: tuple[str, ...]) -> None:
        self._path = path
        self._region = region
        self._triggers = triggers
        self.refused = 0

    def count(self) -> int:
        """Return how many good rows the file has, by reading it."""
        return sum(1 for _ in self.leads())

    def leads(self) -> Iterator[NewLead]:
        """Yield the lead of every good row, and count those that were refused."""
        self.refused = 0
        number = 0
        with open_leads(self._path, region=self._region, allow_no_trigger=True) as rows:
            for row in rows:
                if not isinstance(row, GoodRow):
                    self.refused += 1
                elif row.lead.triggers:
                    yield row.lead
                else:
                    yield replace(row.lead, triggers=(self._triggers[number % len(self._triggers)],))
                    number += 1


Population = Made | Listed


def first_triggers(sequences: Listing[Sequence]) -> tuple[str, ...]:
    """Return the triggers of the sequences that no other one starts; all of them where each is started by another."""
    fired = {sequence.then for sequence in sequences if sequence.then is not None}
    triggers = tuple(sequence.trigger for sequence in sequences)
    return tuple(trigger for trigger in triggers if trigger not in fired) or triggers


def batches(leads: Iterable[NewLead], size: int) -> Iterator[list[NewLead]]:
    """Yield leads so many at a time."""
    rest = iter(leads)
    while batch := list(islice(rest, size)):
        yield batch
