"""Attempts: claimed records may be sent once their attempts are written, which one transaction does for many."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.reason import Reason
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store, keys
from dripline.store.reasons import reason_in
from dripline.store.records.claimed import Claimed


@dataclass(frozen=True, slots=True)
class Begun:
    """Which claimed records may be sent now, and what keeps others of them from it after all."""

    records: set[int] = field(default_factory=set[int], hash=False)
    stopped_by: Mapping[int, Reason] = field(default_factory=dict[int, Reason], kw_only=True, hash=False)


class Attempts:
    """Begins what one worker has claimed, where the claim did not."""

    def __init__(self, database: Database, store: Store, worker: str) -> None:
        self._database = database
        self._store = store
        self._worker = worker

    def begin(self, claimed: Iterable[Claimed], now: datetime) -> Begun:
        """Write that claimed records begin to be sent; in a transaction that is committed before they are.

        Passes over those that are no longer this worker's, and those whose lead has left since they were claimed.
        """
        records = {str(record.facts.record_id): {"attempt": record.facts.attempt} for record in claimed}
        self._store.hold_claimed(map(int, records))
        found = self._database.run("may_begin", records=records, worker=self._worker)
        begun = {row["id"] for row in found if row["kept_by"] is None}
        if begun:
            self._database.change("begin", records=keys(begun), worker=self._worker, now=now)
        stopped_by = {row["id"]: reason for row in found if (reason := reason_in(row["kept_by"])) is not None}
        return Begun(begun, stopped_by=stopped_by)
