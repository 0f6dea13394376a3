"""Removes what ended long ago, a batch in a transaction, so that whoever sends waits for no more than one."""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta

from dripline.core.records.send_proof import ProofKey, SendProof
from dripline.core.states import Status
from dripline.core.views.retention import EndedCounts
from dripline.errors import InvalidSettings
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import SECOND, Fields, Store, keys
from dripline.store.leads.forget import known_as
from dripline.store.reports.tallies import LONG_AGO

PAGE = 50
"""How many enrollments are removed in one transaction: with four steps each some 8 ms of processor on a SQLite file."""

ENTRIES_AT_ONCE = 1_000
"""How many entries of a log are removed in one transaction."""

JUMP = timedelta(days=2)
"""How far apart two looks for what ended long ago may be, by the clock, before it counts as one that jumped."""

SETTLES_IN = timedelta(hours=1)
"""For how long nothing is removed after that; and how old the instant of the last look may be before it is written."""

LOG_ENTRIES = ("archive_deeds", "archive_sender_events")
"""What is removed of the logs."""

ALL_ENTRIES = (*LOG_ENTRIES, "remove_messages")
"""What is removed of them and of what people wrote."""

PROOFS_LIMIT = 1_000
"""How many proofs of one address are returned."""

_REMOVED = ("archive_sent", "archive_attempts", "archive_moves", "archive_settlements", "archive_records")
"""What is deleted with records, in the order in which one refers to the next."""


class Retention:
    """What ended long ago, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def look(self, now: datetime) -> bool:
        """Note a look for what ended long ago; returns whether something may be removed by this clock.

        By a clock that jumped ahead, what ended yesterday ended long ago: in whatever process, it is given time to be
        set right.
        """
        with self._store.transaction():
            row = self._database.run("last_look")[0]
            last, removes_from = instant_or_none(row["looked_at"]), instant_or_none(row["removes_from"])
            if last is None or removes_from is None or abs(now - last) > JUMP:
                last, removes_from = None, now + SETTLES_IN
            if last is None or abs(now - last) >= SETTLES_IN:
                self._database.change("note_look", now=now, removes_from=removes_from)
        return now >= removes_from

    def longest_gap(self) -> timedelta:
        """Return for how long a message to a lead may hold back the next one: its record has to be there as long."""
        return timedelta(seconds=self._database.run("longest_gap")[0]["seconds"])

    def ended(self, before: datetime) -> Iterator[list[int]]:
        """Yield the enrollments that ended before an instant and may go, a page at a time, the oldest first.

        A page is empty where nothing on it may go: whoever asks decides how many are read at once.
        """
        after_time, after_id = LONG_AGO, 0
        while page := self._database.run(
            "ended_long_ago", before=before, after_time=after_time, after_id=after_id, page=PAGE
        ):
            after_time, after_id = instant(page[-1]["ended_at"]), page[-1]["id"]
            yield [row["id"] for row in page if row["may_go"]]

    def remove(self, enrollments: Listing[int], before: datetime, key: ProofKey, *, waits: bool = False) -> EndedCounts:
        """Remove those of some enrollments that still may go, in one transaction.

        While somebody else removes it `waits`, or removes nothing. What is being written at this moment is left for the
        next time.
        """
        return self._store.together(lambda: self._remove(enrollments, before, key, waits=waits))

    def remove_entries(self, before: datetime, *, entries: Listing[str] = LOG_ENTRIES, waits: bool = False) -> int:
        """Remove a batch of the logs' entries of before an instant, and the processors last seen then.

        While somebody else removes it `waits`, or removes nothing. Returns how many entries.
        """
        with self._store.transaction():
            if not self._has_turn(waits=waits):
                return 0
            self._database.change("archive_workers", before=before)
            return sum(self._database.change(statement, before=before, most=ENTRIES_AT_ONCE) for statement in entries)

    def counts(self, before: datetime) -> EndedCounts:
        """Count what ended before an instant and may go; it reads all of that."""
        counted = EndedCounts(entries=self._database.run("old_entries", before=before)[0]["many"])
        for page in filter(None, self.ended(before)):
            row = self._database.run("counts_of_ended", enrollments=keys(page))[0]
            counted += EndedCounts(len(page), records=row["records"], messages=row["messages"])
        return counted

    def proofs(self, digests: Iterable[str], since: datetime, until: datetime) -> list[SendProof]:
        """Return what was sent to an address, of which these are the digests, from one instant to before another."""
        rows = self._database.run(
            "proofs_of_address", digests=keys(digests), since=since, until=until, most=PROOFS_LIMIT
        )
        return [
            SendProof(
                row["record_id"],
                sequence=row["sequence"],
                step=row["step"],
                status=Status(row["status"]),
                sent_at=instant(row["sent_at"]),
                message=row["message_digest"],
            )
            for row in rows
        ]

    def forget(self, leads: Listing[int], key: ProofKey | None) -> None:
        """Take people who are being forgotten out of the proofs of what went to them. Call inside a transaction.

        What went to them is found by their ids, and by their addresses where it was proved before proofs had ids: an
        address that another lead has as well is that one's then, and stays.

        Raises:
            InvalidSettings: There are such proofs, and no key to find them by.
        """
        # Nobody proves anything of them from here on.
        self._database.run("wait_for_archiving")
        who = keys(leads)
        self._database.change("forget_leads_of_proofs", leads=who)
        if not self._database.run("has_proofs"):
            return
        if key is None:
            raise InvalidSettings(
                "Proofs of messages are found with the secret that they were made with: set DRIPLINE_WEB_SECRET, or "
                "web.secret in dripline.toml, to forget somebody."
            )
        addresses = known_as(self._database.run("known_of_leads", leads=who))[0]
        addresses |= {row["address"] for row in self._database.run("addresses_of_enrollments", leads=who)}
        others = self._database.run("known_of_others", addresses=keys(addresses), names={}, leads=who)
        own = addresses - {row["value"] for row in others}
        self._database.change("forget_proofs", digests=keys(key.of_address(one) for one in own))

    def _has_turn(self, *, waits: bool) -> bool:
        return bool(self._database.run("wait_for_archiving" if waits else "lock_archiving"))

    def _remove(self, enrollments: Listing[int], before: datetime, key: ProofKey, *, waits: bool) -> EndedCounts:
        if not self._has_turn(waits=waits):
            return EndedCounts()
        going = self._held(enrollments, before)
        if not going:
            return EndedCounts()
        going_keys = keys(going)
        sends = self._database.run("sends_to_prove", enrollments=going_keys)
        if sends:
            self._database.change("prove_sends", proofs=[_proof(row, key) for row in sends], long_ago=LONG_AGO)
        followed = self._followed(going)
        counts = [
            dict(row) for row in self._database.run("ended_counts", enrollments=going_keys, followed=keys(followed))
        ]
        self._database.change("add_archived_counts", counts=counts)
        self._database.change("count_archived_still", counts=counts, long_ago=LONG_AGO)
        records = keys(row["id"] for row in self._database.run("records_of_ended", enrollments=going_keys))
        for statement in _REMOVED:
            self._database.change(statement, records=records)
        if followed:
            self._database.change("archive_followed", enrollments=keys(followed))
        self._database.change(
            "mark_archived", enrollments=keys(one for one in going if one not in followed), now=self._store.now()
        )
        return EndedCounts(len(going), records=len(records), messages=len(sends))

    def _followed(self, going: Listing[int]) -> set[int]:
        """Return what is removed altogether, locked: enrollments that go now, and earlier ones without records."""
        found = {row["id"] for row in self._database.run("followed", enrollments=keys(going))}
        earlier = found.difference(going)
        if not earlier or not self._database.dialect.locks:
            return found
        return found - earlier | {row["id"] for row in self._database.run("lock_ended", enrollments=keys(earlier))}

    def _held(self, enrollments: Listing[int], before: datetime) -> list[int]:
        """Lock what may go, records first, and return what is all ours and still may."""
        asked = keys(enrollments)
        held: dict[int, int] = {}
        if self._database.dialect.locks:
            for row in self._database.run("lock_ended_records", enrollments=asked):
                held[row["enrollment_id"]] = held.get(row["enrollment_id"], 0) + 1
            asked = keys(row["id"] for row in self._database.run("lock_ended", enrollments=asked))
        rows = self._database.run("still_ended", enrollments=asked, before=before)
        return [
            row["id"] for row in rows if not self._database.dialect.locks or held.get(row["id"], 0) == row["records"]
        ]


def _proof(row: Row, key: ProofKey) -> Fields:
    address, provider_id = row["address"], row["provider_id"]
    return {
        "record_id": row["record_id"],
        "sequence_id": row["sequence_id"],
        "lead_id": row["lead_id"],
        "step": row["step"],
        "status": row["status"],
        "sent": (instant(row["sent_at"]) - LONG_AGO) // SECOND,
        "address": None if address is None else key.of_address(address),
        "message": None if provider_id is None else key.of_message(provider_id),
    }
