"""Which unknown records a person means: names become ids, and what is not there is refused."""

from collections.abc import Iterable
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.queries.filters import span
from dripline.core.records.unknown import Subject, UnknownFilter, begun_within
from dripline.core.states import Status
from dripline.errors import InvalidFilter, InvalidSender, InvalidSequence
from dripline.store.database.database import Database, Row
from dripline.store.database.transactions import keys
from dripline.store.restored import WORKER

LEADS_AT_ONCE = 5_000
"""How many addresses are looked up at once."""

LEADS_SHOWN = 3
"""How many addresses are named that nobody has."""


@dataclass(frozen=True, slots=True)
class ResolvedFilter:
    """A filter whose names are ids. `leads` is None where everybody is asked for."""

    wanted: UnknownFilter
    sequence_id: int | None = field(kw_only=True)
    sender_id: int | None = field(kw_only=True)
    leads: frozenset[int] | None = field(kw_only=True)

    def takes_next(self, row: Row, now: datetime) -> bool:
        """Return whether a record is asked for that becomes unknown now, behind one of the same enrollment."""
        wanted = self.wanted
        return (
            wanted.step in {None, row["current_step"]}
            and self.sender_id in {None, row["sender_id"]}
            and wanted.worker in {None, WORKER}
            and begun_within(wanted, now)
        )


class UnknownQueries:
    """Finds unknown records, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self, wanted: UnknownFilter) -> ResolvedFilter:
        """Look up what a filter names.

        Raises:
            InvalidSequence: There is no sequence of that name.
            InvalidSender: There is no sender of that name.
            InvalidFilter: There is no such step, channel or worker, or nobody has one of the addresses.
        """
        sequence_id = self._sequence(wanted)
        if wanted.channel is not None and not self._database.run("channel_is_used", channel=wanted.channel):
            raise InvalidFilter(f"No sequence goes through the channel {wanted.channel!r}: see dripline sequences.")
        if wanted.worker is not None and not self._database.run("worker_is_known", worker=wanted.worker):
            raise InvalidFilter(f"There is no worker {wanted.worker!r}: take its id from the tries of a record.")
        return ResolvedFilter(
            wanted, sequence_id=sequence_id, sender_id=self._sender(wanted.sender), leads=self._leads(wanted)
        )

    def find(self, asked: ResolvedFilter) -> dict[int, int]:
        """Return the unknown records that are asked for, by their ids, with their last tries."""
        wanted = asked.wanted
        since, until = span(wanted.since, wanted.until)
        given = {
            "sequence_id": asked.sequence_id,
            "step": wanted.step,
            "channel": wanted.channel,
            "sender_id": asked.sender_id,
            "worker": wanted.worker,
            "since": since,
            "until": until,
            "of_leads": int(asked.leads is not None),
            "leads": keys(asked.leads or ()),
        }
        rows = self._database.run("unknown_waiting_ids", **given)
        if wanted.with_ended:
            rows = [*rows, *self._database.run("unknown_ended_ids", **given)]
        return {row["id"]: row["attempt"] for row in rows}

    def subjects(self, records: Iterable[int]) -> list[Subject]:
        """Return how records stand and whose they are; one that is gone is left out."""
        wanted = keys(records)
        rows = self._database.run("unknown_subjects", records=wanted) if wanted else []
        return [_subject(row) for row in rows]

    def next_unknown(self, records: Listing[int], asked: ResolvedFilter, now: datetime) -> dict[int, int]:
        """Return what became unknown behind records that were just settled, as far as it is asked for."""
        rows = self._database.run("suspected_now", records=keys(records)) if records else []
        return {row["id"]: row["attempt"] for row in rows if asked.takes_next(row, now)}

    def next_suspected(self, records: Listing[int], asked: ResolvedFilter, now: datetime) -> dict[int, int]:
        """Return what will become unknown behind records once they are settled, and is settled with them."""
        found: dict[int, int] = {}
        stopped = set[int]()
        for row in self._database.run("suspected_after", records=keys(records)) if records else []:
            if row["suspected_at"] is None or not asked.takes_next(row, now):
                stopped.add(row["after_id"])
            elif row["after_id"] not in stopped:
                found[row["id"]] = row["attempt"]
        return found

    def _sequence(self, wanted: UnknownFilter) -> int | None:
        if wanted.sequence is None:
            return None
        found = [row["id"] for row in self._database.run("sequence_ids") if row["name"] == wanted.sequence]
        if not found:
            raise InvalidSequence(
                f"There is no sequence {wanted.sequence!r}: see dripline sequences for those there are."
            )
        last = self._database.run("last_step_of", sequence_id=found[0])[0]["last_step"] or 0
        if wanted.step is not None and not 1 <= wanted.step <= last:
            raise InvalidFilter(f"The sequence {wanted.sequence!r} has no step {wanted.step}: it has {last}.")
        return int(found[0])

    def _sender(self, name: str | None) -> int | None:
        if name is None:
            return None
        found = [row["id"] for row in self._database.run("sender_ids") if row["name"] == name]
        if not found:
            raise InvalidSender(f"There is no sender {name!r}: see dripline senders for those there are.")
        return int(found[0])

    def _leads(self, wanted: UnknownFilter) -> frozenset[int] | None:
        if wanted.leads is None:
            return None
        addresses = list(wanted.leads)
        leads, known = set[int](), set[str]()
        for start in range(0, len(addresses), LEADS_AT_ONCE):
            named = keys(addresses[start : start + LEADS_AT_ONCE])
            for row in self._database.run("leads_named", addresses=named):
                leads.add(row["id"])
                known |= {row["phone"], row["email"]}
        if missing := [one for one in addresses if one not in known]:
            others = f" and {len(missing) - LEADS_SHOWN:,} others" if len(missing) > LEADS_SHOWN else ""
            raise InvalidFilter(f"No lead has the address {', '.join(missing[:LEADS_SHOWN])}{others}: leave it out.")
        return frozenset(leads)


def _subject(row: Row) -> Subject:
    return Subject(
        row["id"],
        attempt=row["attempt"],
        status=Status(row["status"]),
        is_over=row["ended_at"] is not None,
        is_leaving=bool(row["is_leaving"]),
        sequence=row["sequence"],
        step=row["current_step"],
        channel=row["channel"],
        sender=row["sender"],
        name=row["name"],
        address=row["address"],
    )
