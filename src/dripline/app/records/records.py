"""Step records: found, paused, and moved by hand. A batch is one transaction; twice is as once."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as Listing
from dataclasses import replace
from datetime import datetime
from functools import partial

from dripline.app.exports import record_lines
from dripline.app.leads import Leads
from dripline.app.permissions import UseCases, public, requires
from dripline.app.records.unknown import UnknownRecords
from dripline.core.accounts.access import Scope
from dripline.core.queries.filters import (
    AttemptFilter,
    EnrollmentFilter,
    RecordFilter,
    StatusGroup,
)
from dripline.core.queries.listing import PAGE_SIZE, Page, page_size
from dripline.core.reason import ReasonCode, said_by_person
from dripline.core.records.backlog import CatchUp, catch_up
from dripline.core.records.record import StepRecord
from dripline.core.time.schedule import whole_second
from dripline.core.views.failures import FailureGroup, grouped
from dripline.core.views.lists import EnrollmentDetail, ListedAttempt, ListedEnrollment, ListedRecord, RecordDetail
from dripline.core.views.operations import Repair
from dripline.core.views.records import BulkResult, Excerpt, Suspects
from dripline.errors import (
    InvalidFilter,
    InvalidInput,
)
from dripline.store.operations.repair import repair
from dripline.store.restored import count_suspects

COUNT_LIMIT = 10_001
"""Up to how many records are counted: more than so many are many."""


FIND_LIMIT = 10_000
"""How many records are found at once, at most."""


BATCH = 500
"""How many records are moved in one transaction."""


Selection = Iterable[int] | RecordFilter
"""Which records: their ids, or what finds them: the first 10,000."""


class Records(UseCases):
    """The step records of the database, and the enrollments that they are of.

    Every list takes a `cursor` that a page of it gave, and a `size` of at most 200 rows.

    Raises:
        InvalidFilter: A filter cannot be used, the cursor is none of this list, or the size is none of a page.
        InvalidSequence: There is no sequence of that name.
        InvalidSender: There is no sender of that name.
    """

    @property
    def unknown(self) -> UnknownRecords:
        """The records of which nobody knows whether they went."""
        return UnknownRecords(self._session)

    @requires(Scope.LEADS_READ)
    def __call__(self, *, phone: str | int | None = None, email: str | None = None) -> list[StepRecord]:
        """Return the step records of a lead, enrollment by enrollment, in step order; of everybody without an address.

        Raises:
            InvalidPhone: The phone cannot be one.
            InvalidEmail: The e-mail address cannot be one.
        """
        if phone is None and email is None:
            return list(self._stores.reads.all_records())
        return [
            record
            for lead in self._stores.reads.leads(self._session.address(phone, email))
            for record in self._stores.reads.records_of(lead)
        ]

    @requires(Scope.RECORDS_READ)
    def due(self) -> list[StepRecord]:
        """Return what the mission's query finds now: every record that is active and due, and nothing else."""
        return self._stores.reads.due(self._session.now())

    @requires(Scope.RECORDS_READ)
    def count_due(self) -> int:
        """Count the records that are active and due now."""
        return self._stores.reads.count_due(self._session.now())

    @public
    def next_due(self) -> datetime | None:
        """Return when next a record becomes due, a hold ends, or a lane with due work has rested; None if nothing will.

        What is due now and waits for nothing but the next pass is not counted.
        """
        return self._stores.store.next_wake(self._session.now())

    @requires(Scope.RECORDS_READ)
    def find(
        self, wanted: RecordFilter | None = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[ListedRecord]:
        """Return step records by their hours, the latest first unless the filter says otherwise."""
        asked = wanted or RecordFilter()
        looked, now = self._session.looked_for(asked.text), self._session.now()
        return self._session.read(
            lambda stores: stores.lists.records(asked, looked, cursor, size=page_size(size), now=now)
        )

    @requires(Scope.RECORDS_READ)
    def count(self, wanted: RecordFilter | None = None) -> int:
        """Count the records that `find` would list, up to 10,001: that many says that there are more."""
        return len(self.find_ids(wanted, most=COUNT_LIMIT))

    @requires(Scope.RECORDS_READ)
    def find_ids(self, wanted: RecordFilter | None = None, *, most: int = FIND_LIMIT) -> list[int]:
        """Return the ids of at most so many records that `find` would list, in no order."""
        asked = wanted or RecordFilter()
        return self._stores.lists.record_ids(asked, self._session.looked_for(asked.text), min(most, COUNT_LIMIT))

    @requires(Scope.RECORDS_READ)
    def get(self, record_id: int) -> RecordDetail | None:
        """Return everything about a record, and why it stands where it stands; None if there is none."""
        listed = self._stores.lists.listed_records([record_id], self._session.now())
        timeline = Leads(self._session).get(listed[0].person.lead_id) if listed else None
        found = [record for record in timeline.records if record.id == record_id] if timeline else []
        if timeline is None or not found:
            return None
        message, subject = self._stores.lists.words(record_id)
        return RecordDetail(
            listed[0],
            lead=timeline.lead,
            message=message,
            subject=subject,
            why=timeline.why(found[0], self._session.now()),
            attempts=tuple(attempt for attempt in timeline.attempts if attempt.record_id == record_id),
            moves=tuple(timeline.around[record_id].moves) if record_id in timeline.around else (),
            settlements=tuple(self._stores.lists.settlements(record_id)),
            zone=timeline.zone,
        )

    @requires(Scope.RECORDS_READ)
    def excerpts(self, records: Iterable[int]) -> dict[int, Excerpt]:
        """Return what records say, by their ids: the text that was sent, else the words of their step."""
        return self._stores.lists.excerpts(records)

    @requires(Scope.RECORDS_READ)
    def failures(self, wanted: RecordFilter | None = None) -> list[FailureGroup]:
        """Group the failed records that `find` would list by their reasons, the largest group first; 10,000 at most.

        Says of each group which `retry` would send again, and why it would leave the others.
        """
        ids = self.find_ids(replace(wanted or RecordFilter(), standings=(StatusGroup.FAILED,)))
        return grouped(self._stores.lists.reasons(ids), self._stores.bulk.plan_retry(ids))

    @requires(Scope.RECORDS_READ)
    def export(self, wanted: RecordFilter | None = None) -> Iterator[str]:
        """Yield the records that `find` would list, in its order, as lines of a CSV file that is safe to open.

        A page of records is held at a time. One that moves meanwhile may come twice, or not at all.

        Raises:
            InvalidFilter: The filter cannot be used.
            InvalidSequence: There is no sequence of that name.
            InvalidSender: There is no sender of that name.
        """
        return record_lines(self._session, wanted or RecordFilter())

    @requires(Scope.RECORDS_READ)
    def find_enrollments(
        self, wanted: EnrollmentFilter | None = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[ListedEnrollment]:
        """Return enrollments, the newest first, each with where it stands."""
        asked, now = wanted or EnrollmentFilter(), self._session.now()
        return self._session.read(lambda stores: stores.lists.enrollments(asked, cursor, size=page_size(size), now=now))

    @requires(Scope.RECORDS_READ)
    def get_enrollment(self, enrollment_id: int) -> EnrollmentDetail | None:
        """Return an enrollment and its records; None if there is none."""
        return self._stores.lists.enrollment(enrollment_id, self._session.now())

    @requires(Scope.RECORDS_READ)
    def find_attempts(
        self, wanted: AttemptFilter | None = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[ListedAttempt]:
        """Return tries, the newest first. A filter that is rarely met makes pages short: their next ones look on."""
        asked = wanted or AttemptFilter()
        return self._session.read(lambda stores: stores.lists.attempts(asked, cursor, page_size(size)))

    @requires(Scope.RECORDS_WRITE, audited_as="pause")
    def pause(
        self,
        *,
        sequence: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        reason: str = "",
    ) -> int:
        """Pause a sequence, what a person is in, a person's run of one sequence, or, with nothing named, everything.

        From the next claim on; what is being sent at this instant still goes. Returns what it touches: the number of
        enrollments of a person, else 1, or 0 if it is paused already. (`senders.pause` pauses a sender.)

        Raises:
            InvalidSequence: There is none of that name.
        """
        why = said_by_person(ReasonCode.PAUSED_BY_PERSON, reason)
        if phone is not None or email is not None:
            return self._stores.stopping.pause_leads(self._session.lead_ids(phone, email), sequence, why)
        if sequence is not None:
            return int(self._stores.stopping.pause_sequence(sequence, why))
        return int(self._stores.stopping.pause_everything(why))

    @requires(Scope.RECORDS_READ)
    def plan_resume(
        self,
        *,
        sequence: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        sender: str | None = None,
    ) -> CatchUp:
        """Say what becomes of everything that is due, once what is named goes on; nothing named is everything.

        A `sender` is resumed by `senders.resume`.

        What stays paused, for itself or with everything, is left out. After an outage there is nothing to resume: this
        says what the next pass will do.

        Raises:
            InvalidSequence: There is no sequence of that name.
            InvalidSender: There is no sender of that name.
        """
        self._stores.stopping.check_known(sequence)
        if sender is not None:
            self._stores.senders.check_known(sender)
        now = self._session.now()
        if phone is not None or email is not None:
            return catch_up(self._stores.standing.of_leads(self._session.lead_ids(phone, email), sequence, now), now)
        return catch_up(self._stores.standing.of_all(sequence, sender, now), now)

    @requires(Scope.RECORDS_WRITE, audited_as="resume")
    def resume(self, *, sequence: str | None = None, phone: str | None = None, email: str | None = None) -> int:
        """Let go on what `pause` paused; returns what it touches, as `pause` does.

        Nothing bursts: late steps move the rest of their enrollments, go one a pass or are skipped, as each sequence
        says, and senders keep their pace. `plan_resume` says beforehand what will happen.

        Raises:
            InvalidSequence: There is none of that name.
        """
        if phone is not None or email is not None:
            touched = self._stores.stopping.resume_leads(self._session.lead_ids(phone, email), sequence)
        elif sequence is not None:
            touched = int(self._stores.stopping.resume_sequence(sequence))
        else:
            touched = int(self._stores.stopping.resume_everything())
        return touched

    @requires(Scope.RECORDS_WRITE, audited_as="retry_records", is_long=True)
    def retry(self, records: Selection) -> BulkResult:
        """Send failed records again whose enrollments have done nothing since; those go on from there.

        The step after it waits for it once more; a run that ended for the failure goes on; a last step is sent again.
        """
        return self._in_batches(records, self._stores.bulk.retry)

    @requires(Scope.RECORDS_READ)
    def plan_retry(self, records: Iterable[int]) -> dict[int, str]:
        """Say why `retry` would leave some of these as they are now; those that it would send again are left out."""
        return self._stores.bulk.plan_retry(list(records))

    @requires(Scope.RECORDS_WRITE, audited_as="send_now", is_long=True)
    def send_now(self, records: Selection) -> BulkResult:
        """Let records at which enrollments stand be due now, before their time. Windows, gaps and pace still hold."""
        return self._in_batches(records, self._stores.bulk.send_now)

    @requires(Scope.RECORDS_WRITE, audited_as="reschedule_record", is_long=True)
    def reschedule_one(self, record_id: int, at: datetime) -> BulkResult:
        """Give a record that was not sent yet another time, as `reschedule` does."""
        return self.reschedule([record_id], at)

    @requires(Scope.RECORDS_WRITE, audited_as="reschedule_records", is_long=True)
    def reschedule(self, records: Selection, at: datetime) -> BulkResult:
        """Give records that were not sent yet another time; none goes before it, nor before the step before it.

        Raises:
            InvalidFilter: The instant is past, or has no zone.
        """
        now = self._session.now()
        if at.tzinfo is None or whole_second(at) <= now:
            raise InvalidFilter(
                f"A record is rescheduled to an instant to come with its zone, not to {at}: correct it."
            )
        return self._in_batches(records, lambda batch: self._stores.bulk.reschedule(batch, whole_second(at)))

    @requires(Scope.RECORDS_WRITE, audited_as="skip_record", is_long=True)
    def skip_one(self, record_id: int, *, reason: str = "") -> BulkResult:
        """Pass over one step, as `skip` does."""
        return self.skip([record_id], reason=reason)

    @requires(Scope.RECORDS_WRITE, audited_as="skip_records", is_long=True)
    def skip(self, records: Selection, *, reason: str = "") -> BulkResult:
        """Pass over the steps at which enrollments stand; the next ones become active and wait for their time.

        All in one transaction: a second one would find the next steps active, and pass over them as well.
        """
        why = said_by_person(ReasonCode.SKIPPED_BY_PERSON, reason)
        ids = self._ids_of(records)
        return self._stores.store.together(lambda: self._stores.bulk.skip(ids, why))

    @requires(Scope.RECORDS_WRITE, audited_as="cancel_records", is_long=True)
    def cancel(self, records: Selection, *, reason: str = "") -> BulkResult:
        """Cancel records and what comes after them; a run that has nothing left then ends for the reason."""
        why = said_by_person(ReasonCode.CANCELLED_BY_PERSON, reason)
        return self._in_batches(records, lambda batch: self._stores.bulk.cancel(batch, why))

    @requires(Scope.RECORDS_READ)
    def plan_restored(self, since: datetime | None = None) -> Suspects:
        """Count what may have gone since a backup that was put back: everything that was due by now.

        Raises:
            InvalidInput: The backup's instant, `since`, is still to come.
        """
        now = self._session.now()
        _check_backup(since, now)
        return count_suspects(self._session.database, now)

    @requires(Scope.RECORDS_WRITE, audited_as="restored")
    def restored(self, since: datetime | None = None) -> int:
        """Say that a backup was put back: what was due by now may have gone meanwhile and waits for a person.

        It becomes unknown, and what follows it in an enrollment too, once it is next. What was paused because the copy
        was seen goes on, unless somebody had paused everything before. Returns how many records wait now. Opt-outs
        since the backup are not known any more: bar those people again. `since`: the backup's last instant, for whoever
        reads the reason later.

        Raises:
            InvalidInput: The instant is still to come.
        """
        now = self._session.now()
        _check_backup(since, now)
        self._stores.passes.count(now)
        waiting = self._stores.deciding.suspect_all(since)
        if self._stores.passes.settle():
            self._stores.stopping.resume_copy()
        return waiting

    @requires(Scope.ADMIN, audited_as="repair", is_long=True)
    def repair(self) -> list[Repair]:
        """Mend those breaches that can be mended without guessing whether a message went, and say what was done."""
        return repair(self._session.database, self._stores.store, self._session.now())

    def _in_batches(self, records: Selection, act: Callable[[Listing[int]], BulkResult]) -> BulkResult:
        ids = self._ids_of(records)
        done = BulkResult()
        for start in range(0, len(ids), BATCH):
            if start:
                self._stores.store.give_way()
            done += self._stores.store.together(partial(act, ids[start : start + BATCH]))
        return done

    def _ids_of(self, records: Selection) -> list[int]:
        found = self.find_ids(records, most=FIND_LIMIT) if isinstance(records, RecordFilter) else records
        return sorted(set(found))


def _check_backup(since: datetime | None, now: datetime) -> None:
    if since is not None and since > now:
        raise InvalidInput(f"The backup cannot be of {since:%Y-%m-%d %H:%M} UTC, which is still to come.")
