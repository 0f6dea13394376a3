"""The inbox: what providers post is kept as it came, and taken in afterwards, each event once."""

import logging
from collections.abc import Callable
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dripline.core.events.inbound import ProviderEvent
from dripline.core.outcome import ERROR_LIMIT
from dripline.core.safe_errors import wordless
from dripline.core.text import as_text
from dripline.core.views.messages import NewMessage
from dripline.core.views.operations import RefusedPosts
from dripline.errors import DatabaseProblem
from dripline.store.conversations.messages_in import MessagesIn
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store, keys
from dripline.store.leads.forget import by_hash

Read = Callable[[str, str, str | None], Listing[ProviderEvent]]
"""Reads the events of a body that a channel was posted, at the address of a sender where it has one; ValueError if it
cannot be read."""

Act = Callable[[str, Listing[ProviderEvent]], Listing[NewMessage]]
"""Lets new events of a channel have their effects, inside the transaction that takes them in; returns what people wrote
in them."""

POST_RETENTION = timedelta(days=30)
"""How long a body that was taken in is kept, and known again: Meta, the most patient, tells things for 7 days."""

PROBLEM_RETENTION = timedelta(days=90)
"""How long a body is kept that could not be taken in: somebody has to have seen it."""

LET_GO_AT_ONCE = 1_000
"""How many bodies, and how many events, are let go in one transaction."""

_log = logging.getLogger("dripline.inbox")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Bodies that wait to be taken in: of some channels, none after `last`; all of these, or only what is urgent."""

    channels: Listing[str]
    last: int = field(kw_only=True)
    is_urgent: bool = field(default=False, kw_only=True)


class Inbox:
    """What providers posted, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._messages = MessagesIn(database, store)

    def keep(self, channel: str, body: str, now: datetime, *, is_urgent: bool, sender: str | None = None) -> None:
        """Keep a body as it came, and wake every processor. `sender`: whose own address it came to."""
        with self._store.transaction():
            self._database.change(
                "keep_posted", channel=channel, sender=sender, body=body, is_urgent=int(is_urgent), now=now
            )
            self._database.notify()

    def refuse(self, channel: str, now: datetime) -> None:
        """Count a body that its provider did not sign."""
        with self._store.transaction():
            self._database.change("note_refused", channel=channel, day=now.date().isoformat())

    def refused(self, now: datetime) -> list[RefusedPosts]:
        """Return how many posts were refused within `POST_RETENTION`, by channel and day, the latest first."""
        rows = self._database.run("refused_posts", day=(now - POST_RETENTION).date().isoformat())
        return [RefusedPosts(row["channel"], day=date.fromisoformat(row["day"]), posts=row["posts"]) for row in rows]

    def let_go(self, now: datetime) -> bool:
        """Let go a batch of what was taken in long ago; returns whether there is more of it."""
        before = now - POST_RETENTION
        with self._store.transaction():
            bodies = self._database.change(
                "let_go_posted", before=before, long_before=now - PROBLEM_RETENTION, most=LET_GO_AT_ONCE
            )
            events = self._database.change("let_go_events", before=before, most=LET_GO_AT_ONCE)
            self._database.change("forget_refused", day=before.date().isoformat())
        return LET_GO_AT_ONCE in (bodies, events)

    def last(self) -> int:
        """Return the id of the last body that is there; 0 if there is none."""
        return self._database.run("last_posted")[0]["id"] or 0

    def take_next(self, waiting: Waiting, read: Read, act: Act, now: datetime) -> int | None:
        """Take in the body that waits longest, in one transaction; returns how many events in it were new.

        None if none waits. One that cannot be read, or whose events cannot have their effects, is set aside with the
        reason and kept: no body holds up those behind it, nor the processor.
        """
        posted_id: int | None = None
        is_forgotten = False
        try:
            with self._store.transaction():
                name = "next_urgent" if waiting.is_urgent else "next_posted"
                rows = self._database.run(name, channels=keys(waiting.channels), last=waiting.last)
                if not rows:
                    return None
                posted_id, channel = rows[0]["id"], rows[0]["channel"]
                is_forgotten = bool(rows[0]["is_forgotten"])
                new = self._new(channel, read(channel, rows[0]["body"], rows[0]["sender"]), now)
                written = act(channel, new)
                # Of who was forgotten meanwhile nothing is kept, whoever else is in the same body.
                if not is_forgotten:
                    self._messages.keep(written, now)
                self._mark_processed(posted_id, None, now, is_forgotten=is_forgotten)
                return len(new)
        except DatabaseProblem:
            raise
        except Exception as error:
            if posted_id is None:
                raise
            _log.error("inbox.set_aside id=%s", posted_id, exc_info=wordless(error))
            problem = as_text(f"{type(error).__name__}: {error}", ERROR_LIMIT)
            with self._store.transaction():
                self._mark_processed(posted_id, problem, now, is_forgotten=is_forgotten)
            return 0

    def _mark_processed(self, posted_id: int | None, problem: str | None, now: datetime, *, is_forgotten: bool) -> None:
        """Mark a body as processed, or delete it where a lead in it was forgotten meanwhile."""
        if is_forgotten:
            self._database.change("drop_posted", posted_id=posted_id)
        else:
            self._database.change("mark_taken", posted_id=posted_id, problem=problem, now=now)

    def _new(self, channel: str, events: Listing[ProviderEvent], now: datetime) -> list[ProviderEvent]:
        """Return the events that were not taken in before, each once, in their order."""
        by_key = {event.key: event for event in events}
        if not by_key:
            return []
        new = {row["key"] for row in self._database.run("new_events", channel=channel, events=by_hash(by_key), now=now)}
        return [event for key, event in by_key.items() if key in new]
