"""Takes back what an import did, and only that, a page of leads in each transaction.

Whatever was tried stays, and so does its lead: the import's enrollments are ended first, so that nothing can be claimed
any more, and only then is asked what was tried.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Listing
from datetime import datetime
from functools import partial

from dripline.core.events.event import EventType
from dripline.core.leads.import_undo import ImportUndo, KeepReason, LeadHistory, keep_reason
from dripline.core.leads.lead import LEAD_FIELDS
from dripline.core.reason import Reason, ReasonCode
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.store import Store, keys
from dripline.store.leads.forget import FORGETTING

PAGE = 500
"""How many leads are taken back in one transaction."""


class Undo:
    """The undoing of imports, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def plan(self, import_id: int) -> ImportUndo:
        """Return what undoing an import would do now, and change nothing."""
        total = ImportUndo()
        for leads in self._pages(import_id):
            with self._database.snapshot():
                reasons = [keep_reason(lead) for lead in self._since(import_id, leads)]
                ended = len(self._live(import_id, leads))
                changes = self._changes(import_id, leads)
            restored = sum(map(_is_as_left, changes))
            total = _plus(total, reasons, ended=ended, restored=restored, retained=len(changes) - restored)
        return total

    def run(self, import_id: int, on_page: Callable[[ImportUndo], None]) -> ImportUndo:
        """Take back what an import did; `on_page` is told what was done so far. Doing it again changes nothing."""
        with self._store.transaction():
            self._database.change("begin_undoing", import_id=import_id, now=self._store.now())
        total = ImportUndo()
        for leads in self._pages(import_id):
            total = self._store.together(partial(self._take_back, import_id, leads, total))
            self._store.give_way()
            on_page(total)
        with self._store.transaction():
            self._database.change("end_undoing", import_id=import_id, now=self._store.now())
        return total

    def _take_back(self, import_id: int, leads: Listing[int], total: ImportUndo) -> ImportUndo:
        self._store.hold_leads(leads)
        self._store.hold(self._live(import_id, leads))
        begun, now = self._live(import_id, leads), self._store.now()
        self._store.leave(dict.fromkeys(begun, Reason.of(ReasonCode.IMPORT_UNDONE)), now)
        self._store.wait_for_newcomers()
        # What is read from here on holds to the end: nothing of these can be claimed any more, and nobody is enrolled.
        judged = {lead.lead_id: keep_reason(lead) for lead in self._since(import_id, leads)}
        gone = [lead for lead, reason in judged.items() if reason is None]
        self._forget(gone, now)
        merged = self._database.run("merged_runs_of_import", import_id=import_id, leads=keys(leads))
        self._drop_untried([*begun, *(row["id"] for row in merged)])
        changes = self._changes(import_id, leads)
        restored = self._restore([row for row in changes if _is_as_left(row)], now)
        self._database.change("take_triggers_back", import_id=import_id, leads=keys(leads))
        self._database.change("changes_taken_back", import_id=import_id, leads=keys(leads))
        self._database.change("count_undone", import_id=import_id, removed=len(gone), now=now)
        retained = len(changes) - restored
        return _plus(total, [*judged.values()], ended=len(begun), restored=restored, retained=retained)

    def _forget(self, leads: Listing[int], now: datetime) -> None:
        if leads:
            for statement in (*FORGETTING, "forget_leads"):
                self._database.change(statement, leads=keys(leads))
            self._store.events.of_leads(EventType.LEAD_FORGOTTEN, leads, now)

    def _drop_untried(self, enrollments: Listing[int]) -> None:
        """Delete enrollments of leads that stay, where nothing was tried: they are as if they had never begun."""
        untried = keys(row["id"] for row in self._database.run("untried_of", enrollments=keys(enrollments)))
        if untried:
            for statement in ("drop_moves", "drop_settlements", "drop_records", "drop_enrollments"):
                self._database.change(statement, enrollments=untried)

    def _restore(self, changes: Listing[Row], now: datetime) -> int:
        before = {row["lead_id"]: json.loads(row["before"]) for row in changes}
        if not before:
            return 0
        # A column that is newer than the import keeps what it holds.
        rows = {
            str(row["lead_id"]): {name: row[name] for name in LEAD_FIELDS} | before[row["lead_id"]] for row in changes
        }
        self._store.hold_enrollments_of([*before])
        restored = {row["id"] for row in self._database.run("restore_leads", leads=rows, now=now)}
        travelled = [
            row["lead_id"]
            for row in changes
            if row["lead_id"] in restored
            and any(row[name] != before[row["lead_id"]][name] for name in ("zone", "phone"))
        ]
        self._store.ask_again(travelled, now)
        self._store.merging.readdress(restored, now)
        return len(restored)

    def _pages(self, import_id: int) -> Iterator[list[int]]:
        """Yield the leads of an import, a page at a time."""
        last = 0
        while page := self._database.run("leads_of_import", import_id=import_id, after=last, page=PAGE):
            last = page[-1]["lead_id"]
            yield [row["lead_id"] for row in page]

    def _since(self, import_id: int, leads: Listing[int]) -> list[LeadHistory]:
        return [
            LeadHistory(
                row["id"],
                was_added=bool(row["was_added"]),
                was_tried=bool(row["was_tried"]),
                was_changed=bool(row["was_changed"]),
                wrote=bool(row["wrote"]),
            )
            for row in self._database.run("what_happened_since", import_id=import_id, leads=keys(leads))
        ]

    def _live(self, import_id: int, leads: Listing[int]) -> list[int]:
        rows = self._database.run("enrollments_of_import", import_id=import_id, leads=keys(leads))
        return [row["id"] for row in rows]

    def _changes(self, import_id: int, leads: Listing[int]) -> list[Row]:
        return self._database.run("changes_of_import", import_id=import_id, leads=keys(leads))


def _is_as_left(row: Row) -> bool:
    """Return whether a lead still is what the import made of it."""
    after = json.loads(row["after"])
    return all(row[name] == value for name, value in after.items())


def _plus(
    total: ImportUndo, reasons: Listing[KeepReason | None], *, ended: int, restored: int, retained: int
) -> ImportUndo:
    counted = Counter(reason for reason in reasons if reason is not None)
    return ImportUndo(
        removed=total.removed + reasons.count(None),
        stays={reason: count for reason in KeepReason if (count := total.stays.get(reason, 0) + counted[reason])},
        ended=total.ended + ended,
        restored=total.restored + restored,
        kept=total.kept + retained,
    )
