"""Identities: the names under which providers know leads, and the ids that they gave messages."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime

from dripline.core.leads.identity import Identity
from dripline.core.leads.lead import Lead
from dripline.store.database.database import Database
from dripline.store.enrollments.store import keys
from dripline.store.rows import lead_of
from dripline.store.unlinked_messages import link_messages

_log = logging.getLogger("dripline.identities")


class Identities:
    """Learns and finds names, on one database. Call inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def learn(self, names: Mapping[Identity, int], now: datetime) -> None:
        """Keep names of leads, by lead id. One that was another lead's goes over: the provider's last word counts."""
        if not names:
            return
        learnt = [
            {"channel": name.channel, "kind": str(name.kind), "value": name.value, "lead": lead}
            for name, lead in sorted(names.items(), key=lambda one: (one[0].channel, one[0].value))
        ]
        of_others = self._database.run("names_of_others", names=learnt)
        for row in of_others:
            _log.warning("identity.went_over channel=%s lead=%s", row["channel"], row["lead_id"])
        self._database.change("learn_names", names=learnt, now=now)
        link_messages(self._database, {*names.values()})

    def lead_of(self, channel: str, values: Iterable[str]) -> Lead | None:
        """Return the lead that a channel's provider knows by one of several names; None if it is nobody."""
        rows = self._database.run("lead_by_name", channel=channel, values=keys(values))
        return next(map(lead_of, rows), None)

    def note_sent(self, messages: Iterable[tuple[str, str, int]]) -> None:
        """Keep which message is which record's: channel, the provider's id, record id."""
        sent = [{"channel": channel, "provider": provider, "record": record} for channel, provider, record in messages]
        if sent:
            self._database.change("note_sent", sent=sent)

    def records_of(self, channel: str, provider_ids: Iterable[str]) -> dict[str, int]:
        """Return whose records messages are that receipts name by the provider's id alone."""
        rows = self._database.run("records_sent", channel=channel, provider_ids=keys(provider_ids))
        return {row["provider_id"]: row["record_id"] for row in rows}
