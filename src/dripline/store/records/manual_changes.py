"""What a person does to records by hand: send again, now or later, pass over, cancel. Each verb is one transaction.

Enrollments are held before anything is decided on, as leaving does, and each statement names the status that it
expects: a record that was claimed or ended in the meantime is left alone and named with what it is now.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.explain import words_or_none
from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.retriable import Failed, Later, keeps_from_again
from dripline.core.states import Status
from dripline.core.views.records import BulkResult, BulkSkip
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.assignment import assign_reopened, loads_of_sequence
from dripline.store.enrollments.store import Store, keys
from dripline.store.reasons import reason_in, reason_of, stored

_UNSENT = (Status.PENDING, Status.ACTIVE, Status.PAUSED)
_DUE = {Status.ACTIVE: "it is due already"}


class Bulk:
    """Does by hand what was asked for, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def retry(self, records: Listing[int], because: ReasonCode = ReasonCode.SENT_AGAIN_BY_PERSON) -> BulkResult:
        """Send failed records again whose enrollments have done nothing since (`core.records.retriable`)."""
        with self._store.transaction():
            self._store.hold_records(records)
            now = self._store.now()
            # Whom it lets go on must not be enrolled again at this moment.
            self._store.wait_for_newcomers()
            again, refused = self._sort(records)
            ended = {row["enrollment_id"]: row for row in again if row["end_code"] is not None}
            live = {row["id"]: row["enrollment_id"] for row in again if row["end_code"] is None}
            back = {row["enrollment_id"] for row in self._run("wait_again", records=keys(live))}
            # What stood behind them may have been claimed until it was asked for.
            refused |= {late: "the step after it is being sent" for late in live if live[late] not in back}
            going = keys(row["id"] for row in again if row["id"] not in refused)
            self._reopen(ended)
            self._run("restore_records", records=keys(row["id"] for row in ended.values()))
            sent = self._run("send_failed_again", records=going, now=now)
            assert len(sent) == len(going), "a failed record moved while its enrollment was locked"
            self._note(sent, because, now)
            return _done(records, sent, refused)

    def plan_retry(self, records: Listing[int]) -> dict[int, str]:
        """Say why `retry` would leave some of these as they are, as things stand; nothing is changed."""
        with self._database.snapshot():
            return self._sort(records)[1]

    def send_now(self, records: Listing[int]) -> BulkResult:
        """Make active records due now; rules and lanes are asked at the claim, as ever."""
        with self._store.transaction():
            self._store.hold_records(records)
            now = self._store.now()
            moved = self._run("send_now", records=keys(records), now=now)
            self._note(moved, ReasonCode.SENT_NOW_BY_PERSON, now)
            return _done(records, moved, self._why_not(records, moved))

    def reschedule(self, records: Listing[int], at: datetime) -> BulkResult:
        """Give records that were not sent yet another time."""
        with self._store.transaction():
            self._store.hold_records(records)
            moved = self._run("reschedule_records", records=keys(records), at=at)
            self._note(moved, ReasonCode.RESCHEDULED_BY_PERSON, self._store.now())
            refused = self._why_not(records, moved, dict.fromkeys(_UNSENT, "it is set for that time already"))
            return _done(records, moved, refused)

    def skip(self, records: Listing[int], reason: Reason) -> BulkResult:
        """Pass over the records at which enrollments stand; what comes after them becomes active."""
        with self._store.transaction():
            self._store.hold_records(records)
            now = self._store.now()
            skipped = self._run("skip_records", records=keys(records), **stored(reason), now=now)
            self._store.go_on([row["id"] for row in skipped], now)
            return _done(records, skipped, self._why_not(records, skipped))

    def cancel(self, records: Listing[int], reason: Reason) -> BulkResult:
        """Cancel records and whatever comes after them; an enrollment that has nothing left ends for the reason."""
        with self._store.transaction():
            asked = self._store.hold_records(records)
            now = self._store.now()
            first: dict[str, dict[str, int]] = {}
            for row in sorted(asked, key=lambda row: row["current_step"], reverse=True):
                if row["status"] in _UNSENT:
                    first[str(row["enrollment_id"])] = {"step": row["current_step"]}
            cancelled = self._run("cancel_from", enrollments=first, **stored(reason), now=now)
            touched = keys(row["id"] for row in cancelled)
            self._store.end(self._run("finish_enrollments", records=touched, now=now), now)
            return _done(records, cancelled, self._why_not(records, cancelled))

    def _sort(self, records: Listing[int]) -> tuple[list[Row], dict[int, str]]:
        """Return the records that may be sent again, and why the others may not."""
        asked = keys(records)
        outcomes: dict[int, list[str | None]] = {}
        for row in self._database.run("tries_of_records", records=asked):
            outcomes.setdefault(row["record_id"], []).append(row["outcome"])
        later: dict[int, list[Later]] = {}
        for row in self._database.run("records_after", records=asked):
            later.setdefault(row["record_id"], []).append(_later(row))
        again: list[Row] = []
        refused: dict[int, str] = {}
        begun = set[tuple[str, object]]()
        for row in self._database.run("failed_records", records=asked):
            runs = {(f"sequence {row['sequence_id']}", row["lead_id"])}
            runs |= {(f"address in {row['sequence_id']}", row["address"])}
            runs |= {(f"group {group}", row["lead_id"]) for group in [row["exclusive_group"]] if group}
            keeper = self._keeper(row, is_begun=bool(runs & begun))
            obstacle = keeps_from_again(_failed(row, outcomes.get(row["id"], []), later.get(row["id"], []), keeper))
            if obstacle is not None:
                refused[row["id"]] = obstacle
                continue
            again.append(row)
            begun |= runs
        return again, refused

    def _keeper(self, row: Row, *, is_begun: bool) -> str | None:
        """Say what keeps a lead whose enrollment has ended from going on in it."""
        return (
            _blocked_by_sequence(row)
            or _blocked_by_other_enrollment(row, is_begun=is_begun)
            or self._blocked_by_senders(row)
        )

    def _blocked_by_senders(self, row: Row) -> str | None:
        if row["is_misplaced"] and row["names_senders"] and not loads_of_sequence(self._database, row["sequence_id"]):
            return "its sequence has no sender that could take it"
        return None

    def _reopen(self, ended: Mapping[int, Row]) -> None:
        """Let ended enrollments go on, by senders that their sequences name now."""
        misplaced: dict[int, list[int]] = {}
        for enrollment, row in ended.items():
            if row["is_misplaced"]:
                misplaced.setdefault(row["sequence_id"], []).append(enrollment)
        for sequence, enrollments in misplaced.items():
            assign_reopened(self._database, sequence, enrollments)
        self._store.begin_again(self._run("reopen_enrollments", enrollments=keys(ended)))

    def _run(self, statement: str, **batch: object) -> list[Row]:
        """Run a statement unless a batch of it is empty."""
        is_empty = any(isinstance(part, dict) and not part for part in batch.values())
        return [] if is_empty else self._database.run(statement, **batch)

    def _note(self, moved: Listing[Row], code: ReasonCode, now: datetime) -> None:
        if moved:
            self._database.change(
                "note_moves_by_hand", records=keys(row["id"] for row in moved), code=str(code), now=now
            )
            self._database.notify()

    def _why_not(
        self, records: Iterable[int], moved: Listing[Row], already: Mapping[Status, str] = _DUE
    ) -> dict[int, str]:
        """Say of each record that was left alone what it is; `already`: what one is that could have been moved."""
        left = set(records) - {row["id"] for row in moved}
        rows = self._run("asked_records", records=keys(left))
        return {row["id"]: already.get(Status(row["status"])) or _standing(row) for row in rows}


def _blocked_by_sequence(row: Row) -> str | None:
    if row["is_archived"]:
        return "its sequence is archived"
    if row["is_at_goal"]:
        return f"its lead has reached the goal {row['goal']}"
    return None if row["is_invited"] else "its channel reaches only people who wrote first, and its lead did not"


def _blocked_by_other_enrollment(row: Row, *, is_begun: bool) -> str | None:
    if row["is_taken"] and not row["is_live"]:
        return "another lead of the same address is in the sequence"
    if row["is_live"] or is_begun:
        return "its lead is in the same sequence, or in one of its group, again"
    return None if row["group_is_free"] else "its lead is in another sequence of the group"


def _standing(row: Row) -> str:
    match Status(row["status"]):
        case Status.PENDING:
            return f"it waits for step {row['current_step'] - 1} to end"
        case Status.SENDING:
            return "it is being sent"
        case Status.PAUSED:
            return "it is paused: resume it first"
        case Status.UNKNOWN:
            return "nobody knows whether it went"
        case status:
            return f"it has ended: {status}"


def _done(records: Listing[int], moved: Listing[Row], refused: Mapping[int, str]) -> BulkResult:
    """Say what was done; a record that is not there is refused, one that was moved with another counts as asked for."""
    done = {row["id"] for row in moved}
    asked = dict.fromkeys(records)
    return BulkResult(
        records=tuple(record for record in asked if record in done),
        refused=tuple(
            BulkSkip(record, reason=refused.get(record, "there is no such record"))
            for record in asked
            if record not in done
        ),
    )


def _later(row: Row) -> Later:
    return Later(row["current_step"], status=Status(row["status"]), attempt=row["attempt"], reason=reason_of(row))


def _failed(row: Row, outcomes: Listing[str | None], later: Listing[Later], keeper: str | None) -> Failed:
    suppressed = (
        words_or_none(reason_in(row["barred"])) if row["has_address"] else "it has no address for the channel any more"
    )
    return Failed(
        Status(row["status"]),
        reason=reason_of(row),
        outcomes=outcomes,
        later=later,
        ended=reason_of(row, "end"),
        leaving=reason_of(row, "leaving"),
        suppressed=suppressed,
        keeper=keeper,
        then=row["then_trigger"],
        on_unknown=row["on_unknown"],
    )
