"""Receipts: what a provider says of messages that it took, and what that changes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from dataclasses import replace
from datetime import datetime

from dripline.core.events.inbound import Delivery, Receipt
from dripline.core.outcome import ERROR_LIMIT, Consequence, Fail, PauseStep, Retry, consequence
from dripline.core.reason import Reason, ReasonCode
from dripline.core.sequences.policy import Policy
from dripline.core.text import as_text
from dripline.store.conversations.conversations import Conversations
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.store import SECOND, Store, keys
from dripline.store.leads.identities import Identities
from dripline.store.reasons import NO_REASON, stored

RANK = {Delivery.SENT: 1, Delivery.FAILED: 2, Delivery.DELIVERED: 3, Delivery.READ: 4}
"""Receipts are told in any order: the furthest counts. What was delivered has not failed, whatever is said later."""


class Receipts:
    """Writes what receipts say, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._conversations = Conversations(database)
        self._identities = Identities(database)

    def note(self, channel: str, receipts: Iterable[Receipt], now: datetime) -> None:
        """Write how far messages have come. Call inside a transaction.

        A receipt proves that the provider took the message: a record that waited for an answer is completed by it. One
        that says that nobody can be reached there ends the run, as the same answer would have when it was sent.
        """
        furthest = _furthest(self._of_records(channel, list(receipts)))
        if not furthest:
            return
        rows = [_row(record, receipt, now) for (record, _), receipt in furthest.items()]
        self._store.hold_open({record for record, _ in furthest})
        self._database.change("write_begun", records=keys({record for record, _ in furthest}))
        self._database.change("accept_attempts", receipts=rows, now=now)
        self._store.go_on(self._store.complete_accepted({record for record, _ in furthest}, now), now)
        turns = [self._database.run("note_deliveries", receipts=turn, now=now) for turn in _turns(rows)]
        noted = {row["id"] for found in turns for row in found}
        self._store.events.of_deliveries(rows, noted, now)
        failures = {record: led for record, led in _failures(furthest) if record in noted}
        self._let_failures_reach(channel, failures, now)

    def _of_records(self, channel: str, receipts: Listing[Receipt]) -> Iterator[Receipt]:
        """Yield the receipts of messages of ours, each with its record."""
        unnamed = {receipt.provider_id for receipt in receipts if receipt.record_id is None}
        found = self._identities.records_of(channel, unnamed) if unnamed else {}
        for receipt in receipts:
            if receipt.record_id is not None:
                yield receipt
            elif receipt.provider_id in found:
                yield replace(receipt, record_id=found[receipt.provider_id])

    def _let_failures_reach(self, channel: str, failures: dict[int, Consequence], now: datetime) -> None:
        """Write what reaches beyond the message: leads that left, suppressed addresses, paused steps, conversations."""
        if not failures:
            return
        whose = {row["id"]: row for row in self._database.run("whose_deliveries", records=keys(failures))}
        found = [(whose[record], led) for record, led in failures.items() if record in whose]
        suppressed = {row["address"]: stored(reason) for row, reason in _suppressed(found)}
        if suppressed:
            self._database.change("suppress", addresses=suppressed, whole_person=0, now=now)
        refused = [(row["sequence_stepid"], led.reason) for row, led in found if isinstance(led, PauseStep)]
        if refused:
            self._database.change("pause_steps", steps={str(step): stored(reason) for step, reason in refused})
        closed = {row["address"] for row, led in found if isinstance(led, Retry) and led.closes_conversation}
        if closed:
            self._conversations.close(channel, closed)
        self._store.leave(
            {row["enrollment_id"]: led.reason for row, led in found if isinstance(led, Fail) and led.ends_enrollment},
            now,
        )


def _furthest(receipts: Iterable[Receipt]) -> dict[tuple[int, str], Receipt]:
    """Return the furthest receipt of each message of ours, by record and the provider's id."""
    furthest: dict[tuple[int, str], Receipt] = {}
    for receipt in receipts:
        if receipt.record_id is not None:
            message = receipt.record_id, receipt.provider_id
            if message not in furthest or RANK[receipt.state] > RANK[furthest[message].state]:
                furthest[message] = receipt
    return furthest


def _row(record: int, receipt: Receipt, now: datetime) -> dict[str, object]:
    error = None if receipt.failure is None else as_text(getattr(receipt.failure, "error", ""), ERROR_LIMIT)
    return {
        "record": record,
        "provider": receipt.provider_id,
        "state": receipt.state,
        "rank": RANK[receipt.state],
        "delay": (receipt.at - now) // SECOND,
        "error": error,
        **(NO_REASON if error is None else stored(Reason.of(ReasonCode.NOT_DELIVERED, error=error))),
    }


def _turns(rows: Iterable[dict[str, object]]) -> list[list[dict[str, object]]]:
    """Return rows in turns of one statement each, in which a record stands once.

    PostgreSQL asks what counts a receipt when the whole statement is done: of two tries it would count the last twice.
    """
    turns: list[list[dict[str, object]]] = []
    seen = Counter[object]()
    for row in rows:
        if seen[row["record"]] == len(turns):
            turns.append([])
        turns[seen[row["record"]]].append(row)
        seen[row["record"]] += 1
    return turns


def _failures(furthest: dict[tuple[int, str], Receipt]) -> Iterator[tuple[int, Consequence]]:
    """Yield what each failed delivery leads to. The message itself was sent: nothing of it is tried again."""
    for (record, _), receipt in furthest.items():
        if receipt.failure is not None:
            yield record, consequence(receipt.failure, record_id=record, attempt=1, failures=0, policy=Policy())


def _suppressed(found: list[tuple[Row, Consequence]]) -> Iterator[tuple[Row, Reason]]:
    for row, led in found:
        if isinstance(led, Fail) and led.suppress and row["address"]:
            yield row, led.reason
