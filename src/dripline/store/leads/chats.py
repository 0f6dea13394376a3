"""Chats with a bot: whose they are. A lead's chat is an attribute of it, so that a list of leads may bring it too."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from dripline.core.leads.attribute import CHAT
from dripline.core.leads.lead import Lead
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store, keys
from dripline.store.rows import lead_of


class Chats:
    """Finds and writes whose chat is whose, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def leads_of(self, chat: str) -> list[Lead]:
        """Return the leads whose chat this is."""
        with self._store.transaction():
            return [lead_of(row) for row in self._database.run("leads_of_chat", chat=chat)]

    def open(self, lead_id: int, chat: str, is_theirs: Callable[[Lead], bool], now: datetime) -> Lead | None:
        """Make a chat that of a lead, and return the lead; None where there is none, or `is_theirs` says no."""
        with self._store.transaction():
            found = [lead_of(row) for row in self._database.run("lead_by_id", lead_id=lead_id)]
            theirs = [lead for lead in found if any(map(is_theirs, self._as_it_was(lead, lead_id)))]
            self._write(theirs, chat, now)
            return theirs[0] if theirs else None

    def _as_it_was(self, lead: Lead, lead_id: int) -> Iterator[Lead]:
        """Yield a lead, and one that was merged as it may have been known by that id: by each of its addresses."""
        yield replace(lead, id=lead_id)
        for row in self._database.run("other_addresses_of", leads=keys([lead.id])):
            known_by = {"email" if "@" in row["address"] else "phone": row["address"]}
            yield replace(lead, id=lead_id, **known_by)

    def move(self, old: str, new: str, now: datetime) -> int:
        """Give a chat's leads its new id; returns how many."""
        with self._store.transaction():
            leads = self.leads_of(old)
            self._write(leads, new, now)
            return len(leads)

    def _write(self, leads: Iterable[Lead], chat: str, now: datetime) -> None:
        changed = {
            str(lead.id): {
                "attributes": json.dumps({**lead.attributes, CHAT: chat}, ensure_ascii=False, sort_keys=True)
            }
            for lead in leads
            if lead.attributes.get(CHAT) != chat
        }
        if changed:
            self._database.change("write_attributes", leads=changed, now=now)
            self._database.change("remember_attribute_names", names={CHAT: None})
