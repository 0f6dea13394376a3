"""Doubts: leads that may have asked to stop, and wait for a person to decide."""

from collections.abc import Iterable
from datetime import datetime

from dripline.core.reason import Reason, ReasonCode
from dripline.core.views.leads import MaybeStopped
from dripline.store.database.database import Database, instant
from dripline.store.database.transactions import keys
from dripline.store.reasons import stored


class MaybeStoppedLeads:
    """Reads and writes who may have asked to stop, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[MaybeStopped]:
        """Return every lead that waits for a person, the one that wrote first at the top."""
        with self._database.transaction():
            rows = self._database.run("doubts")
        return [
            MaybeStopped(
                row["lead_id"],
                phone=row["phone"],
                email=row["email"],
                name=row["name"],
                said=row["said"],
                said_at=instant(row["said_at"]),
            )
            for row in rows
        ]

    def note(self, leads: Iterable[int], said: str, now: datetime) -> None:
        """Note what leads said that may ask to stop; of one that is in doubt already the last words count."""
        who = keys(leads)
        if who:
            self._database.change("settle_doubts", leads=who)
            self._database.change("note_doubts", leads=who, said=said, now=now)

    def settle(self, leads: Iterable[int]) -> None:
        """Take leads as decided on."""
        who = keys(leads)
        if who:
            self._database.change("settle_doubts", leads=who)

    def settle_addresses(self, addresses: Iterable[str]) -> None:
        """Take the leads of addresses as decided on."""
        self.settle(row["id"] for row in self._database.run("leads_of_addresses", addresses=keys(addresses)))


def hold_doubtful(database: Database, last_enrollment: int, now: datetime) -> None:
    """Pause those of the enrollments above an id whose leads may have asked to stop. Call inside a transaction."""
    held = {
        str(row["id"]): stored(Reason.of(ReasonCode.MAYBE_OPTED_OUT, text=row["said"]))
        for row in database.run("doubtful_newcomers", last_enrollment=last_enrollment)
    }
    if held:
        database.run("pause_enrollments", enrollments=held, now=now)
        database.change("pause_records", enrollments=held)
