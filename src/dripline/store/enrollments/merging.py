"""One person, one run: leads that turn out to be one are merged, and an address runs through a sequence once at a time.

Of two live runs the one that is further on stays; but one whose message is on its way stays before one that waits.
"""

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.leads.lead import Lead
from dripline.core.leads.merge import other_addresses
from dripline.core.reason import Reason, ReasonCode
from dripline.store.database.database import Database, Row
from dripline.store.database.transactions import keys
from dripline.store.reasons import known_reason_of

ITSELF = "dripline"
"""Who merges leads that a row joins."""

_MOVED = (
    "move_triggers",
    "move_merged_ids",
    "keep_ids",  # Before the runs: the database lets them be given to nobody else.
    "move_merged_records",
    "move_merged_enrollments",
    "move_names",
    "move_notes",
    "drop_double_messages",
    "move_messages",
    "move_doubts",
    "move_other_addresses",
    "move_deliveries",
    "move_deeds",
)
"""What the lead that stays gets of the one that goes; records before the enrollments by which they are found."""

_log = logging.getLogger("dripline.merging")

Leave = Callable[[dict[int, Reason], datetime], None]
"""Ends enrollments, each for its reason."""

Hold = Callable[[Iterable[int]], None]
"""Locks enrollments and their records, in everybody's order."""

Pairs = Mapping[int, int]
"""Leads that go, each with the one that stays."""


class Merging:
    """Merges leads and keeps the addresses of live enrollments, on one database. Call inside a transaction."""

    def __init__(self, database: Database, leave: Leave, hold: Hold) -> None:
        self._database = database
        self._leave = leave
        self._hold = hold

    def ending(self, pairs: Pairs) -> list[Row]:
        """Return the live enrollments that a merge of leads ends."""
        return [row for row, _ in _ending(self._database.run("runs_of_pairs", pairs=_rows(pairs)))]

    def busy(self, pairs: Pairs) -> set[int]:
        """Lock what pairs of leads are in, and return which of the leads cannot go now.

        Two runs of one sequence are being sent at this instant, and neither can be ended.
        """
        runs = self._locked(pairs)
        stuck = {row["kept"] for row in _behind(_going_on(runs)) if row["is_in_flight"]}
        return {gone for gone, survivor in pairs.items() if survivor in stuck}

    def merge(
        self, pairs: Mapping[int, tuple[int, Lead]], author: str, now: datetime, import_id: int | None = None
    ) -> set[int]:
        """Give leads that stay everything of the leads that go, none of which is busy, and delete those.

        `pairs` is keyed by the id of the lead that goes, and holds the id of the one that stays and what goes. A lead
        that the import itself had added a moment ago goes without a trace, so that the import can be undone. Returns
        the leads that left one.
        """
        plain = {gone: survivor for gone, (survivor, _) in pairs.items()}
        self._leave({row["id"]: reason for row, reason in _ending(self._locked(plain))}, now)
        rows = _rows(plain)
        for statement in _MOVED:
            self._database.change(statement, pairs=rows)
        traced = plain.keys() - self._rows_of_import(plain, import_id)
        notes = {
            str(gone): {"kept": survivor, "told": _merge_text(lead)}
            for gone, (survivor, lead) in pairs.items()
            if gone in traced
        }
        self._database.change("note_merges", pairs=notes, author=author, now=now)
        self._database.change("mark_merged", leads=keys(plain[gone] for gone in traced), now=now)
        self._database.change("forget_changes", leads=keys([*plain, *(plain[gone] for gone in traced)]))
        self._database.change("forget_triggers", leads=keys(plain))
        self._database.run("forget_leads", leads=keys(plain))
        for gone, survivor in plain.items():
            _log.info("lead.merged kept=%s gone=%s", survivor, gone)
        return traced

    def join_addresses(self, merges: Iterable[tuple[Lead, Lead, Lead]], traced: Container[int], now: datetime) -> None:
        """Let merged people be known by every address of both, and be suppressed by all where they are by one.

        Each is the lead that stayed, the one that went, and what the two are now; who left no trace adds no address.
        What barred people are in ends.
        """
        for survivor, gone, result in merges:
            main = result.phone or result.email
            others = other_addresses(survivor, gone, result)
            own = {address: {"lead": result.id} for address in others if gone.id in traced}
            every = sorted({*others, *filter(None, (result.phone, result.email))})
            self._database.change("keep_addresses", addresses=own)
            pairs = {other: {"email": main} for other in every if other != main}
            # As often as there are others: from the barred one to the main one first, and from there to the rest.
            for _ in pairs:
                self._database.change("spread_suppressions", pairs=pairs, now=now)
            addresses = [{"lead": result.id, "address": address} for address in every]
            suppressed = self._database.run("runs_of_barred", addresses=addresses)
            self._leave({row["id"]: known_reason_of(row) for row in suppressed}, now)

    def readdress(self, leads: Iterable[int], now: datetime) -> None:
        """Write down where the live enrollments of leads send now; of two that would send to one address, one ends."""
        if who := keys(leads):
            self._readdress("stale_addresses", now, leads=who)

    def readdress_sequence(self, now: datetime, **wanted: object) -> None:
        """Write down where the live enrollments of a sequence send, as it is wanted, as `readdress` does."""
        self._readdress("stale_addresses_of_sequence", now, **wanted)

    def doubled(self, now: datetime, leaving: Container[int], **wanted: object) -> list[Row]:
        """Return the live enrollments that `readdress_sequence` ends; those that are `leaving` have left by then."""
        stale = self._database.run("stale_addresses_of_sequence", now=now, **wanted)
        return list(self._behind_at_addresses([row for row in stale if row["id"] not in leaving]).values())

    def _readdress(self, statement: str, now: datetime, **which: object) -> None:
        found = self._database.run(statement, now=now, **which)
        if not found:
            return
        self._hold(row["id"] for row in found)
        stale = self._database.run(statement, now=now, **which)
        ids, behind = {row["id"] for row in stale}, self._behind_at_addresses(stale).keys()
        self._database.change("free_addresses", enrollments=keys(ids | behind))
        self._leave(dict.fromkeys(sorted(behind), Reason(ReasonCode.ADDRESS_TAKEN)), now)
        new = {str(row["id"]): {"address": row["address"]} for row in stale if row["id"] not in behind}
        self._database.change("write_addresses", enrollments=new)

    def _behind_at_addresses(self, stale: Listing[Row]) -> dict[int, Row]:
        """Return the live enrollments, by id, that end where others have, or get, the addresses that are theirs now."""
        wanted = [{"sequence": row["sequence_id"], "address": row["address"]} for row in stale if row["address"]]
        ids = {row["id"] for row in stale}
        held = [row for row in self._database.run("address_holders", wanted=wanted) if row["id"] not in ids]
        behind = {row["id"]: row for row in _all_but_first([*stale, *held], _by_address)}
        return behind | {row["id"]: row for row in stale if row["was_there"]}

    def _rows_of_import(self, leads: Iterable[int], import_id: int | None) -> set[int]:
        """Return the leads that an import added and nothing changed since: each is what a row of it says."""
        if import_id is None:
            return set()
        found = self._database.run("untouched_of_import", leads=keys(leads), import_id=import_id)
        return {row["id"] for row in found}

    def _locked(self, pairs: Pairs) -> list[Row]:
        """Lock what both leads of each pair are in, and return it as it stands then."""
        rows = _rows(pairs)
        self._hold(row["id"] for row in self._database.run("runs_of_pairs", pairs=rows))
        return self._database.run("runs_of_pairs", pairs=rows)


def _ending(runs: Listing[Row]) -> Iterator[tuple[Row, Reason]]:
    """Yield the runs of merged leads that end, and why: at the goal, since one lead had it, or behind another."""
    yield from ((row, Reason.of(ReasonCode.GOAL, goal=row["goal"])) for row in runs if row["goal"] is not None)
    yield from ((row, Reason(ReasonCode.LEADS_MERGED)) for row in _behind(_going_on(runs)))


def _going_on(runs: Iterable[Row]) -> list[Row]:
    return [row for row in runs if row["goal"] is None]


def _behind(runs: Listing[Row]) -> Iterator[Row]:
    """Yield the runs of merged leads that cannot stay beside the others."""
    found = {row["id"]: row for by in (_by_sequence, _by_group) for row in _all_but_first(runs, by)}
    yield from found.values()


def _all_but_first(runs: Iterable[Row], by: Callable[[Row], object]) -> Iterator[Row]:
    """Yield the runs that are not the first of their kind: of those being sent, of those further on, of the older."""
    seen = set[object]()
    for row in sorted(runs, key=lambda row: (not row["is_in_flight"], -(row["step"] or 0), row["id"])):
        kind = by(row)
        if kind is not None and kind in seen:
            yield row
        seen.add(kind)


def _by_sequence(row: Row) -> object:
    return row["kept"], row["sequence_id"]


def _by_group(row: Row) -> object:
    return None if row["exclusive_group"] is None else (row["kept"], row["exclusive_group"])


def _by_address(row: Row) -> object:
    return None if row["address"] is None else (row["sequence_id"], row["address"])


def _merge_text(lead: Lead) -> str:
    addresses = " and ".join(filter(None, (lead.phone, lead.email)))
    return f"Merged with lead {lead.id} ({addresses}): they are one person."


def _rows(pairs: Pairs) -> dict[str, dict[str, int]]:
    return {str(gone): {"kept": survivor} for gone, survivor in pairs.items()}
