"""What happened, written for whoever subscribed to it, in the transaction in which it happened.

Nothing is asked of the database where nobody subscribed: which types are wanted is remembered for `KNOWN_FOR`, and
until the next pass.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta

from dripline.core.events.event import GIVE_UP_AFTER, EventType
from dripline.store.database.database import Database

KNOWN_FOR = timedelta(seconds=5)
"""How soon every process writes events for a new subscription, at the latest."""

SenderEvent = Mapping[str, str | int | None]
"""What happened to a sender: its `event`, and the `code` and `facts` of why."""


class Outbox:
    """Writes events on one database. Call all of it inside the transaction of what happened."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted: frozenset[str] = frozenset()
        self._known_at: datetime | None = None

    def refresh_wanted(self) -> None:
        """Read again which types are subscribed to, before the next event is written."""
        self._known_at = None

    def of_records(self, kind: EventType, records: Listing[int], now: datetime) -> None:
        """Write that something became of records."""
        if records and self._wants(kind, now):
            self._tell("tell_of_records", kind, now, records={str(record): None for record in records})

    def of_deliveries(self, receipts: list[dict[str, object]], noted: Iterable[int], now: datetime) -> None:
        """Write how far the messages of the `noted` records have come."""
        if not receipts or not self._wants(EventType.RECORD_DELIVERY, now):
            return
        records = set(noted)
        new = [receipt for receipt in receipts if receipt["record"] in records]
        if new:
            self._tell("tell_of_deliveries", EventType.RECORD_DELIVERY, now, receipts=new)

    def of_newcomers(self, last_enrollment: int, now: datetime) -> None:
        """Write that leads were enrolled: all above the last enrollment before."""
        if self._wants(EventType.LEAD_ENROLLED, now):
            self._tell("tell_of_newcomers", EventType.LEAD_ENROLLED, now, last_enrollment=last_enrollment)

    def of_ended(self, enrollments: Listing[int], now: datetime) -> None:
        """Write that enrollments ended."""
        if enrollments and self._wants(EventType.ENROLLMENT_ENDED, now):
            ended = {str(enrollment): None for enrollment in enrollments}
            self._tell("tell_of_ended", EventType.ENROLLMENT_ENDED, now, enrollments=ended)

    def of_leads(self, kind: EventType, leads: Iterable[int], now: datetime) -> None:
        """Write that leads did something, or were forgotten."""
        if self._wants(kind, now) and (who := {str(lead): None for lead in leads}):
            self._tell("tell_of_leads", kind, now, leads=who)

    def of_messages(self, messages: Listing[int], now: datetime) -> None:
        """Write that leads wrote messages, with their text for whoever asks for it."""
        if messages and self._wants(EventType.MESSAGE_RECEIVED, now):
            message_ids = {str(message): None for message in messages}
            self._tell("tell_of_messages", EventType.MESSAGE_RECEIVED, now, messages=message_ids)

    def of_addresses(self, kind: EventType, addresses: Iterable[str], now: datetime) -> None:
        """Write that the leads of addresses opted out, before they are barred, or opted in; who had, does not again."""
        who = dict.fromkeys(addresses)
        if who and self._wants(kind, now):
            leads = self._database.run("leads_of_addresses", addresses=who)
            is_new = [row["id"] for row in leads if kind is not EventType.LEAD_OPTED_OUT or not row["barred"]]
            self.of_leads(kind, is_new, now)

    def _wants(self, kind: EventType, now: datetime) -> bool:
        if self._known_at is None or not timedelta(0) <= now - self._known_at <= KNOWN_FOR:
            self._wanted = frozenset(row["type"] for row in self._database.run("wanted_events"))
            self._known_at = now
        return kind in self._wanted

    def _tell(self, statement: str, kind: EventType, now: datetime, **of: object) -> None:
        self._database.change(statement, type=str(kind), now=now, give_up_at=now + GIVE_UP_AFTER, **of)


def note_sender_events(database: Database, events: Mapping[str, SenderEvent], now: datetime) -> None:
    """Note what happened to senders, keyed by id, and write it for whoever subscribed. Call inside a transaction.

    That is rare: it is not asked before whether somebody did.
    """
    database.change("note_sender_events", events=dict(events), now=now)
    rows = {
        sender: {"type": f"sender.{str(one['event']).replace(' ', '_')}", "code": one["code"], "facts": one["facts"]}
        for sender, one in events.items()
    }
    database.change("tell_of_senders", events=rows, now=now, give_up_at=now + GIVE_UP_AFTER)
