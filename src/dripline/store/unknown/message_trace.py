"""What is looked up in chats afterwards, on one database: messages that may have gone, replies that no webhook told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dripline.core.events.inbound import Delivery, Receipt
from dripline.core.reason import Reason
from dripline.core.records.trace import Found, next_look
from dripline.store.conversations.inbox import Inbox
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import SECOND, Store, keys
from dripline.store.leads.forget import by_hash
from dripline.store.reasons import facts_text, known_reason_of
from dripline.store.records.receipts import Receipts
from dripline.store.senders.account_checks import Account

MARGIN = timedelta(minutes=1)
"""How far the provider's clock may be behind ours: a message may seem to have gone so long before it did."""

HELD_FOR_TRACE = timedelta(minutes=1)
"""How much longer a record is held whose hold is over before anybody looked for its message."""

TRACES = 100
"""How many messages are looked for in one round."""

HISTORY_LIMIT = timedelta(days=7)
"""How far back chats are read at most, after however long a silence."""

HISTORY_OVERLAP = timedelta(minutes=10)
"""How much of what was read before is read again: a message may be kept later than it was written."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A record of which nobody knows whether it went, and what is known of its try; `text` None: its worker died."""

    record_id: int
    attempt: int = field(kw_only=True)
    channel: str = field(kw_only=True)
    sender: str = field(kw_only=True)
    account: str = field(kw_only=True)
    to: str = field(kw_only=True)
    text: str | None = field(kw_only=True)
    since: datetime = field(kw_only=True)
    known: frozenset[str] = field(kw_only=True)


class MessageTraces:
    """Takes what is to be looked up, and writes what was found."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._receipts = Receipts(database, store)
        self._inbox = Inbox(database, store)

    def hold(self, channels: Iterable[str], now: datetime) -> None:
        """Let unknown records of channels wait on whose hold is over and whose messages nobody has looked for yet."""
        if self._database.run("leases_over", now=now):
            with self._store.transaction():
                until = now + HELD_FOR_TRACE
                self._database.change("keep_for_trace", channels=keys(channels), lease_until=until, now=now)

    def take_traces(self, channels: Iterable[str], now: datetime) -> list[Trace]:
        """Take the messages of channels that are to be looked for now; each is looked for again later."""
        with self._store.transaction():
            rows = self._database.run("untraced", channels=keys(channels), now=now, most=TRACES)
            if not rows:
                return []
            later = {
                str(row["id"]): {"attempt": row["attempt"], "delay": next_look(instant(row["since"]), now) // SECOND}
                for row in rows
            }
            self._database.change("trace_later", records=later, now=now)
            known: dict[int, set[str]] = {}
            for row in self._database.run("known_to_leads", records=later):
                known.setdefault(row["id"], set()).add(row["provider_id"])
        return [
            Trace(
                row["id"],
                attempt=row["attempt"],
                channel=row["channel"],
                sender=row["sender"],
                account=row["account"],
                to=row["address"],
                text=row["text"],
                since=instant(row["since"]) - MARGIN,
                known=frozenset(known.get(row["id"], ())),
            )
            for row in rows
        ]

    def note_found(self, found: Mapping[Trace, Found], now: datetime) -> None:
        """Complete the records whose messages were found, under the provider's ids: as a receipt would."""
        receipts: dict[str, list[Receipt]] = {}
        for trace, one in found.items():
            receipt = Receipt(
                one.provider_id, provider_id=one.provider_id, record_id=trace.record_id, state=Delivery.SENT, at=one.at
            )
            receipts.setdefault(trace.channel, []).append(receipt)
        with self._store.transaction():
            for channel, theirs in receipts.items():
                self._receipts.note(channel, theirs, now)
            self._database.notify()

    def note_absent(self, traces: Iterable[Trace]) -> None:
        """Say of records whose messages were looked for that their chats do not hold them; their policy decides."""
        with self._store.transaction():
            tries = {trace.record_id: trace.attempt for trace in traces}
            absent = {
                str(row["id"]): {"attempt": tries[row["id"]], "facts": facts_text(_absent(row))}
                for row in self._database.run("why_unknown", records=keys(tries))
            }
            self._database.change("note_absent", records=absent)

    def take_histories(
        self, channels: Iterable[str], every: timedelta, now: datetime
    ) -> list[tuple[Account, datetime]]:
        """Take the senders of channels whose chats are to be read, each with from when on."""
        with self._store.transaction():
            rows = self._database.run("take_histories", channels=keys(channels), before=now - every, now=now)
        return [
            (
                Account(row["id"], sender=row["name"], channel=row["channel"], account=row["account"]),
                max(instant(row["history_until"]), now - HISTORY_LIMIT) - HISTORY_OVERLAP,
            )
            for row in rows
        ]

    def keep_missed(self, account: Account, bodies: Mapping[str, str], until: datetime, now: datetime) -> int:
        """Keep what no webhook told, bodies by the keys of their events, to be taken in as what is posted is.

        The account's chats count as read until then. Returns how many bodies were new.
        """
        with self._store.transaction():
            rows = self._database.run("seen_events", channel=account.channel, events=by_hash(bodies)) if bodies else []
            seen = {row["key"] for row in rows}
            missed = [body for key, body in bodies.items() if key not in seen]
            for body in missed:
                self._inbox.keep(account.channel, body, now, is_urgent=True)
            self._database.change("note_history", sender_id=account.sender_id, until=until)
        return len(missed)


def _absent(row: Row) -> Reason:
    reason = known_reason_of(row)
    return replace(reason, facts={**reason.facts, "absent": True})
