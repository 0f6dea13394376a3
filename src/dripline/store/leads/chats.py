"""Chats that people open with a channel: whose they are.

A chat is a lead's address of the kind that its channel declares (`contact_kind`): an attribute of that name,
so that a list of leads may bring it too. The database keeps attributes of declared kinds in ``lead_addresses``, by
which leads are found.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from dripline.core.leads.lead import Lead, contact_of
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store, keys
from dripline.store.rows import lead_of
from dripline.store.unlinked_messages import link_messages


class Chats:
    """Finds and writes whose chat is whose, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def declare(self, kind: str) -> None:
        """Let attributes of this name be addresses of leads, those too that leads have already.

        The first time, it reads all leads, and waits for whoever writes any at that moment.
        """
        with self._store.transaction():
            self._database.change("declare_contact_kind", kind=kind)

    def leads_of(self, kind: str, chat: str) -> list[Lead]:
        """Return the leads whose chat this is, of a kind."""
        with self._store.transaction():
            self.declare(kind)
            return [lead_of(row) for row in self._database.run("leads_of_chat", kind=kind, chat=chat)]

    def open(self, kind: str, lead_id: int, chat: str, is_theirs: Callable[[Lead], bool], now: datetime) -> Lead | None:
        """Make a chat that of a lead, and return the lead; None where there is none, or `is_theirs` says no."""
        with self._store.transaction():
            self.declare(kind)
            found = [lead_of(row) for row in self._database.run("lead_by_id", lead_id=lead_id)]
            theirs = [lead for lead in found if any(map(is_theirs, self._as_it_was(lead, lead_id)))]
            self._write(theirs, kind, chat, now)
            return theirs[0] if theirs else None

    def _as_it_was(self, lead: Lead, lead_id: int) -> Iterator[Lead]:
        """Yield a lead, and one that was merged as it may have been known by that id: by each of its addresses."""
        yield replace(lead, id=lead_id)
        for row in self._database.run("other_addresses_of", leads=keys([lead.id])):
            known_by = {"email" if "@" in row["address"] else "phone": row["address"]}
            yield replace(lead, id=lead_id, **known_by)

    def move(self, kind: str, old: str, new: str, now: datetime) -> int:
        """Give a chat's leads its new id; returns how many."""
        with self._store.transaction():
            leads = self.leads_of(kind, old)
            self._write(leads, kind, new, now)
            return len(leads)

    def _write(self, leads: Iterable[Lead], kind: str, chat: str, now: datetime) -> None:
        changed = {
            str(lead.id): {
                "attributes": json.dumps({**lead.attributes, kind: chat}, ensure_ascii=False, sort_keys=True)
            }
            for lead in leads
            if contact_of(lead, kind) != chat
        }
        if changed:
            self._database.change("write_attributes", leads=changed, now=now)
            self._database.change("remember_attribute_names", names={kind: None})
            link_messages(self._database, changed)
