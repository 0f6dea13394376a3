"""How far mailboxes were read, what is kept of them, and whose mails were answered; one worker at a time reads one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dripline.core.events.mailbox import LastRead, NewMail
from dripline.core.leads.lead import Lead
from dripline.core.outcome import ERROR_LIMIT
from dripline.core.text import as_text
from dripline.store.conversations.inbox import Inbox
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store
from dripline.store.leads.forget import by_hash
from dripline.store.rows import lead_of

LOOK_EVERY = timedelta(minutes=1)
"""How often a mailbox is read."""

PUT_OFF = timedelta(minutes=15)
"""How long one is left alone that could not be read: servers lock accounts that try a wrong password often."""


class Mailboxes:
    """Takes mailboxes that are to be read, and keeps what was new in them, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._inbox = Inbox(database, store)

    def take(self, mailboxes: Iterable[tuple[str, str]], now: datetime) -> dict[tuple[str, str], LastRead | None]:
        """Take those mailboxes, by channel and name, whose time has come; each with how far it was read."""
        leased: dict[tuple[str, str], LastRead | None] = {}
        with self._store.transaction():
            for channel, name in sorted(mailboxes):
                rows = self._database.run("take_mailbox", channel=channel, name=name, now=now, look_at=now + LOOK_EVERY)
                for row in rows:
                    validity, last = row["uid_validity"], row["last_uid"]
                    leased[channel, name] = None if validity is None else LastRead(validity, last)
        return leased

    def keep(self, channel: str, name: str, read: NewMail[tuple[str, str]], now: datetime) -> int:
        """Keep what was new in a mailbox, to be taken in as what is posted is; returns how many were new to us."""
        bodies = dict(read.new)
        look_at = now if read.is_more else now + LOOK_EVERY
        seen = {"validity": read.seen.validity, "last": read.seen.last, "look_at": look_at}
        with self._store.transaction():
            rows = self._database.run("seen_events", channel=channel, events=by_hash(bodies)) if bodies else []
            known = {row["key"] for row in rows}
            missed = [body for key, body in bodies.items() if key not in known]
            for body in missed:
                self._inbox.keep(channel, body, now, is_urgent=True)
            self._database.change("note_mailbox", channel=channel, name=name, **seen)
        return len(missed)

    def put_off(self, channel: str, name: str, problem: str, now: datetime) -> None:
        """Leave a mailbox alone for a while that could not be read, for a reason that a person is told."""
        text = as_text(problem, ERROR_LIMIT)
        with self._store.transaction():
            self._database.change("put_off_mailbox", channel=channel, name=name, problem=text, look_at=now + PUT_OFF)

    def lead_of_record(self, record_id: int) -> Lead | None:
        """Return the lead whose record's mail was answered; None if there is none."""
        return next(map(lead_of, self._database.run("lead_of_record", record_id=record_id)), None)

    def last_sent_to(self, email: str, channel: str) -> tuple[int, str] | None:
        """Return the record of the last mail that a channel took for an address, and its Message-ID."""
        rows = self._database.run("last_sent_to", email=email, channel=channel)
        return next(((row["record_id"], row["provider_id"]) for row in rows), None)
