"""Lists: what an operator looks through, a page at a time, and everything about one lead, enrollment or record."""

from dripline.app.opened import Opened
from dripline.core.queries.filters import (
    AttemptFilter,
    EnrollmentFilter,
    LeadFilter,
    Looked,
    RecordFilter,
    SuppressionFilter,
    looked_for,
)
from dripline.core.queries.listing import PAGE_SIZE, Page, page_size
from dripline.core.views.leads import Suppression
from dripline.core.views.lists import (
    EnrollmentDetail,
    ListedAttempt,
    ListedEnrollment,
    ListedLead,
    ListedRecord,
    RecordDetail,
)
from dripline.core.views.timeline import Timeline

COUNT_LIMIT = 10_001
"""Up to how many records are counted: more than so many are many."""

FIND_LIMIT = 10_000
"""How many records are found at once, at most."""


class ListCases(Opened):
    """What can be listed. Every list takes a `cursor` that a page of it gave, and a `size` of at most 200 rows.

    Raises:
        InvalidFilter: A filter cannot be used, the cursor is none of this list, or the size is none of a page.
        InvalidSequence: There is no sequence of that name.
        InvalidSender: There is no sender of that name.
    """

    def find_leads(
        self, wanted: LeadFilter | None = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[ListedLead]:
        """Return leads: in the order of what `text` begins, or of the barred address, else the newest first."""
        asked = wanted or LeadFilter()
        return self._lists.leads(asked, self._looked(asked.text), cursor, size=page_size(size), now=self._now())

    def find_records(
        self, wanted: RecordFilter | None = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[ListedRecord]:
        """Return step records by their hours, the latest first unless the filter says otherwise."""
        asked = wanted or RecordFilter()
        return self._lists.records(asked, self._looked(asked.text), cursor, size=page_size(size), now=self._now())

    def count_records(self, wanted: RecordFilter | None = None) -> int:
        """Count the records that `find_records` would list, up to 10,001: that many says that there are more."""
        return len(self.find_record_ids(wanted, most=COUNT_LIMIT))

    def find_record_ids(self, wanted: RecordFilter | None = None, *, most: int = FIND_LIMIT) -> list[int]:
        """Return the ids of at most so many records that `find_records` would list, in no order."""
        asked = wanted or RecordFilter()
        return self._lists.record_ids(asked, self._looked(asked.text), min(most, COUNT_LIMIT))

    def find_enrollments(
        self, wanted: EnrollmentFilter | None = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[ListedEnrollment]:
        """Return enrollments, the newest first, each with where it stands."""
        return self._lists.enrollments(wanted or EnrollmentFilter(), cursor, size=page_size(size), now=self._now())

    def find_attempts(
        self, wanted: AttemptFilter | None = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[ListedAttempt]:
        """Return tries, the newest first. A filter that is rarely met makes pages short: their next ones look on."""
        return self._lists.attempts(wanted or AttemptFilter(), cursor, page_size(size))

    def find_suppressions(
        self, wanted: SuppressionFilter | None = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[Suppression]:
        """Return barred addresses, the newest first, or by the address where its beginning is given."""
        return self._lists.suppressions(wanted or SuppressionFilter(), cursor, page_size(size))

    def get_lead(self, lead_id: int) -> Timeline | None:
        """Return everything about a lead; None if there is none."""
        lead = self._reads.lead(lead_id)
        return None if lead is None else self._reads.timeline(lead, self._now())

    def get_enrollment(self, enrollment_id: int) -> EnrollmentDetail | None:
        """Return an enrollment and its records; None if there is none."""
        return self._lists.enrollment(enrollment_id, self._now())

    def get_record(self, record_id: int) -> RecordDetail | None:
        """Return everything about a record, and why it stands where it stands; None if there is none."""
        listed = self._lists.listed_records([record_id], self._now())
        timeline = self.get_lead(listed[0].person.lead_id) if listed else None
        found = [record for record in timeline.records if record.id == record_id] if timeline else []
        if timeline is None or not found:
            return None
        message, subject = self._lists.words(record_id)
        return RecordDetail(
            listed[0],
            lead=timeline.lead,
            message=message,
            subject=subject,
            why=timeline.why(found[0], self._now()),
            attempts=tuple(attempt for attempt in timeline.attempts if attempt.record_id == record_id),
            moves=tuple(timeline.around[record_id].moves) if record_id in timeline.around else (),
            settlements=tuple(self._lists.settlements(record_id)),
            zone=timeline.zone,
        )

    def _looked(self, text: str | None) -> Looked | None:
        return None if text is None else looked_for(text, self._region)
