"""What a person decides of many unknown records at once."""

from datetime import datetime

from dripline.store.database import Database
from dripline.store.restored import suspect_all
from dripline.store.store import Store

SETTLED_AT_ONCE = 500
"""How many unknown records are settled in one transaction."""


class Deciding:
    """Decides for a person, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def suspect_all(self, since: datetime | None) -> int:
        """Leave everything unknown that may have gone since a backup that was put back; returns how many wait now."""
        with self._store.transaction():
            return suspect_all(self._database, since, self._store.now())

    def settle(self, sequence: str | None, *, went: bool) -> int:
        """Complete all unknown records that wait, of one sequence or all, or make them due again; returns how many.

        A record that becomes unknown because the one before it is completed is one of them.
        """
        settled = 0
        while found := self._database.run("unknown_ids", sequence=sequence, most=SETTLED_AT_ONCE):
            done = self._settle_page([row["id"] for row in found], went=went)
            if not done:
                break
            settled += done
        return settled

    def _settle_page(self, records: list[int], *, went: bool) -> int:
        store = self._store
        with store.transaction():
            store.hold_records(records)
            return sum(store.confirm_sent(one) if went else store.send_again(one) for one in records)
