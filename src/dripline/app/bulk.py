"""Records by hand: one, a selection, or all that a filter finds. A batch is one transaction; twice is as once."""

from collections.abc import Callable, Iterable
from collections.abc import Sequence as Listing
from datetime import datetime
from functools import partial

from dripline.app.listing import FIND_LIMIT, ListCases
from dripline.core.queries.filters import RecordFilter
from dripline.core.reason import ReasonCode, said_by_person
from dripline.core.time.schedule import whole_second
from dripline.core.views.records import Done
from dripline.errors import InvalidFilter

BATCH = 500
"""How many records are moved in one transaction."""

Records = Iterable[int] | RecordFilter
"""Which records: their ids, or what finds them: the first 10,000."""


class BulkCases(ListCases):
    """What can be done to records by hand. Each says of every record whether it was done, and if not, why."""

    def retry_records(self, records: Records) -> Done:
        """Send failed records again whose enrollments have done nothing since; those go on from there.

        The step after it waits for it once more; a run that ended for the failure goes on; a last step is sent again.
        """
        return self._in_batches(records, self._bulk.retry)

    def send_now(self, records: Records) -> Done:
        """Let records at which enrollments stand be due now, before their time. Windows, gaps and pace still hold."""
        return self._in_batches(records, self._bulk.send_now)

    def reschedule_record(self, record_id: int, at: datetime) -> Done:
        """Give a record that was not sent yet another time, as `reschedule_records` does."""
        return self.reschedule_records([record_id], at)

    def reschedule_records(self, records: Records, at: datetime) -> Done:
        """Give records that were not sent yet another time; none goes before it, nor before the step before it.

        Raises:
            InvalidFilter: The instant is past, or has no zone.
        """
        now = self._now()
        if at.tzinfo is None or whole_second(at) <= now:
            raise InvalidFilter(
                f"A record is rescheduled to an instant to come with its zone, not to {at}: correct it."
            )
        return self._in_batches(records, lambda batch: self._bulk.reschedule(batch, whole_second(at)))

    def skip_record(self, record_id: int, *, reason: str = "") -> Done:
        """Pass over one step, as `skip_records` does."""
        return self.skip_records([record_id], reason=reason)

    def skip_records(self, records: Records, *, reason: str = "") -> Done:
        """Pass over the steps at which enrollments stand; the next ones become active and wait for their time.

        All in one transaction: a second one would find the next steps active, and pass over them as well.
        """
        why = said_by_person(ReasonCode.SKIPPED_BY_PERSON, reason)
        ids = self._ids_of(records)
        return self._store.together(lambda: self._bulk.skip(ids, why))

    def cancel_records(self, records: Records, *, reason: str = "") -> Done:
        """Cancel records and what comes after them; a run that has nothing left then ends for the reason."""
        why = said_by_person(ReasonCode.CANCELLED_BY_PERSON, reason)
        return self._in_batches(records, lambda batch: self._bulk.cancel(batch, why))

    def _in_batches(self, records: Records, act: Callable[[Listing[int]], Done]) -> Done:
        ids = self._ids_of(records)
        done = Done()
        for start in range(0, len(ids), BATCH):
            if start:
                self._store.give_way()
            done += self._store.together(partial(act, ids[start : start + BATCH]))
        return done

    def _ids_of(self, records: Records) -> list[int]:
        found = self.find_record_ids(records, most=FIND_LIMIT) if isinstance(records, RecordFilter) else records
        return sorted(set(found))
