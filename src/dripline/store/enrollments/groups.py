"""Exclusive groups: a lead is live in at most one sequence of a group, also where the group came after the lead did."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from datetime import datetime

from dripline.core.planning.in_flight import Rival
from dripline.core.reason import Reason, ReasonCode
from dripline.core.sequences.sequence import Sequence
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.store import Store


class Groups:
    """Groups of sequences that leads are in already, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def parting(
        self, sequence_id: int, wanted: Sequence, beside: Iterable[Sequence], gone: Container[int]
    ) -> tuple[set[int], tuple[Rival, ...]]:
        """Return which live enrollments of a sequence `part` ends, but for those that are gone before.

        And count the leads that are in another sequence of the wanted group too, by that sequence.
        """
        parted, counts = set[int](), defaultdict[str, list[int]](lambda: [0, 0])
        for row in _decided(self._pairs(sequence_id, wanted, beside), gone):
            counts[row["name"]][bool(row["goes_on"])] += 1
            if not row["goes_on"]:
                parted.add(row["own"])
        return parted, tuple(Rival(name, goes_on=on, ends=ends) for name, (ends, on) in sorted(counts.items()))

    def part(self, sequence_id: int, wanted: Sequence, now: datetime) -> None:
        """End one of each two live enrollments in the group: of both, the one further on goes on, else the older."""
        ends: dict[int, Reason] = {}
        for row in _decided(self._pairs(sequence_id, wanted, ())):
            last, stays = (row["rival"], wanted.name) if row["goes_on"] else (row["own"], row["name"])
            ends[last] = Reason.of(ReasonCode.RIVAL_GOES_ON, sequence=stays)
        self._store.leave(ends, now)
        self._database.change("give_group", sequence_id=sequence_id, named=wanted.group)

    def let_in(self, left: str, now: datetime) -> None:
        """Enroll whoever waited for a group that a sequence has left. Call when that is written."""
        for row in self._database.run("sequences_in_group", named=left):
            self._store.enroll("enroll_all", now, sequence_id=row["id"])

    def waiting(self, sequence_id: int, named: str, now: datetime) -> list[tuple[str, int]]:
        """Return whom `let_in` enrolls when a sequence leaves a group: the sequences, each with how many leads."""
        rows = self._database.run("count_let_in", sequence_id=sequence_id, named=named, now=now)
        return [(row["name"], row["many"]) for row in rows]

    def _pairs(self, sequence_id: int, wanted: Sequence, beside: Iterable[Sequence]) -> list[Row]:
        if wanted.group is None:
            return []
        coming = {other.name: {"group": other.group} for other in beside if other.name != wanted.name}
        return self._database.run("rivals", sequence_id=sequence_id, named=wanted.group, beside=coming)


def _decided(pairs: Iterable[Row], gone: Container[int] = ()) -> Iterator[Row]:
    """Yield the pairs of which one has to end: neither has, nor is gone."""
    ended = set[int]()
    for row in pairs:
        if row["own"] not in gone and not {row["own"], row["rival"]} & ended:
            ended.add(row["rival"] if row["goes_on"] else row["own"])
            yield row
