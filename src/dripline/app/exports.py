"""Exports: leads and step records as lines of CSV files that are safe to open."""

import json
from collections.abc import Iterator

from dripline.app.session import Session
from dripline.core.leads.attribute import written
from dripline.core.leads.lead import TEXT_FIELDS, field_values
from dripline.core.queries.filters import RecordFilter
from dripline.core.queries.listing import PAGE_LIMIT, Page
from dripline.core.views.lists import ListedRecord
from dripline.importing.tables.csv_safety import csv_line
from dripline.store.leads.export import LeadWithTriggers, leads_after

EXPORTED = (*TEXT_FIELDS, "trigger")
"""The columns of every lead; its attributes follow."""


EXPORTED_OF_RECORDS = (
    "record",
    "phone",
    "email",
    "name",
    "sequence",
    "version",
    "step",
    "status",
    "planned_time",
    "next_trigger_time",
    "completed_at",
    "ended_at",
    "attempts",
    "sender",
    "reason",
    "reason_code",
    "reason_facts",
)
"""The columns of every record; instants are UTC."""


def record_lines(session: Session, wanted: RecordFilter) -> Iterator[str]:
    """Yield the records that a filter finds, a page of them in memory at a time."""
    # Without a forecast, which would cost more than the rest of a file with millions of records.
    looked = session.looked_for(wanted.text)

    def page_at(cursor: str | None) -> Page[ListedRecord]:
        return session.read(lambda stores: stores.lists.records(wanted, looked, cursor, size=PAGE_LIMIT))

    page = page_at(None)
    yield csv_line(EXPORTED_OF_RECORDS)
    yield from map(_record_line, page.rows)
    while page.next:
        page = page_at(page.next)
        yield from map(_record_line, page.rows)


def lead_lines(session: Session, trigger: str | None) -> Iterator[str]:
    """Yield all leads, or those that have a trigger, a page of them in memory at a time."""
    known = session.read(lambda stores: stores.reads.attribute_names())
    attributes = [name for name in known if name not in EXPORTED]
    yield csv_line((*EXPORTED, *attributes))
    for lead, triggers in _all_leads(session, trigger):
        # With its plus, since without one a number is read as one of the region where the list comes in.
        phone = f"+{lead.phone}" if lead.phone else ""
        own = field_values(lead) | {"phone": phone, "trigger": ", ".join(triggers)}
        rest = (written(lead.attributes.get(name)) for name in attributes)
        yield csv_line((*(own[name] or "" for name in EXPORTED), *rest))


def _all_leads(session: Session, trigger: str | None) -> Iterator[LeadWithTriggers]:
    last = 0
    while page := session.read(lambda stores, last=last: leads_after(stores.database, last, trigger)):
        yield from page
        last = page[-1][0].id


def _record_line(record: ListedRecord) -> str:
    person = record.person
    cells = (
        record.id,
        person.phone,
        person.email,
        person.name,
        record.sequence,
        record.version,
        record.step,
        record.status.value,
        record.planned_time.isoformat(),
        record.next_trigger_time.isoformat(),
        record.completed_at and record.completed_at.isoformat(),
        record.ended_at and record.ended_at.isoformat(),
        record.attempts,
        record.sender,
        record.reason,
        record.reason_code,
        json.dumps(dict(record.reason_facts), ensure_ascii=False) if record.reason_facts else None,
    )
    return csv_line("" if cell is None else str(cell) for cell in cells)
