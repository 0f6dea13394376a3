"""Two leads that a person says are one, on one database."""

from collections.abc import Iterable

from dripline.core.leads.merge import Merge
from dripline.errors import BusyLead
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store, keys, lead_fields


class OnePerson:
    """Makes two leads one."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def other_addresses(self, leads: Iterable[int]) -> set[str]:
        """Return the addresses by which merged leads are known, beside those that they are sent to."""
        return {row["address"] for row in self._database.run("other_addresses_of", leads=keys(leads))}

    def merge(self, merge: Merge, author: str) -> None:
        """Make two leads one, which are held, and enroll it in what its triggers start. Call inside a transaction.

        Raises:
            BusyLead: Messages to both are on their way in one sequence, or may be.
        """
        merging, survivor, gone, result = self._store.merging, merge.kept.id, merge.gone, merge.result
        if merging.busy({gone.id: survivor}):
            raise BusyLead(
                "Messages to both leads are on their way, or nobody knows whether they went: try again in a few "
                "minutes, or say what became of them with dripline unknown first."
            )
        now = self._store.now()
        traced = merging.merge({gone.id: (survivor, gone)}, author, now)
        self._database.change("update_leads", leads={str(survivor): lead_fields(result)}, now=now, import_id=None)
        merging.join_addresses([(merge.kept, gone, result)], traced, now)
        self._store.ask_again([survivor], now)
        merging.readdress([survivor], now)
        self._store.enroll("enroll_leads", now, leads=keys([survivor]), import_id=None)
