"""What people wrote: kept in the transaction that takes it in, each message once for each lead that it may be of."""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.text import as_text
from dripline.core.views.messages import MESSAGE_LIMIT, NewMessage
from dripline.store.database.database import Database
from dripline.store.database.transactions import keys
from dripline.store.enrollments.store import SECOND, Store
from dripline.store.reasons import NO_REASON, stored
from dripline.store.unlinked_messages import link_messages

REMOVED_AT_ONCE = 1_000
"""How many messages are removed in one transaction."""


class MessagesIn:
    """Keeps what people wrote, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def keep(self, messages: Listing[NewMessage], now: datetime) -> int:
        """Keep messages, and tell of them; returns how many were new. Call inside a transaction.

        One that is ahead of our clock counts as of now. A copy of one that is kept already changes nothing.
        """
        rows = [row for message in messages for row in _rows(message, now)]
        if not rows:
            return 0
        leads = sorted({lead for message in messages for lead in message.leads})
        # Who is being forgotten at this moment is waited for, and nothing is kept of them.
        self._store.hold_leads(leads)
        link_messages(self._database, leads)
        new = self._database.run("keep_messages", messages=rows, now=now)
        self._store.events.of_messages([row["id"] for row in new if row["lead_id"] is not None], now)
        return len(new)

    def forget_writer(self, address: str) -> int:
        """Delete what somebody wrote who is no lead; returns how many messages. Call inside a transaction."""
        return self._database.change("forget_messages_of_nobody", address=address)

    def handle(self, leads: Iterable[int], who: str, now: datetime) -> int:
        """Note that nobody has to look any more at what leads have written; returns at how many messages."""
        with self._store.transaction():
            return self._database.change("handle_messages", leads=keys(leads), who=who, now=now)

    def remove(self, before: datetime) -> int:
        """Remove a batch of what was written before an instant, the oldest first; returns how many messages."""
        with self._store.transaction():
            return self._database.change("remove_messages", before=before, most=REMOVED_AT_ONCE)


def _rows(message: NewMessage, now: datetime) -> Iterator[dict[str, object]]:
    reason = NO_REASON if message.reason is None else stored(message.reason)
    for lead in message.leads or (None,):
        yield {
            "lead": lead,
            "channel": message.channel,
            "account": as_text(message.account, MESSAGE_LIMIT),
            "writer": message.writer,
            "writer_kind": message.writer_kind,
            "provider": message.provider_id,
            "delay": (min(message.at, now) - now) // SECOND,
            "kind": str(message.kind),
            "text": as_text(message.text, MESSAGE_LIMIT),
            "class": str(message.message_class),
            **reason,
        }
