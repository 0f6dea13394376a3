"""Which stored leads a batch may mean, by every address by which they are known, to be matched by a `LeadMerge`."""

from collections.abc import Container, Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass

from dripline.core.leads.lead import Lead, NewLead
from dripline.store.database.database import Database
from dripline.store.enrollments.lead_merge import LeadMerge
from dripline.store.rows import lead_of


@dataclass(frozen=True, slots=True)
class KnownLeads:
    """The stored leads that a batch may mean, and the other addresses by which merged ones of them are known."""

    leads: Listing[Lead]
    others: Mapping[str, int]

    def roster(self, apart: Container[int] = ()) -> LeadMerge:
        """Return them as a roster that takes the batch; those in `apart` become part of nobody now."""
        return LeadMerge(self.leads, self.others, apart)


def find_known(database: Database, leads: Iterable[NewLead]) -> KnownLeads:
    """Return who is known of a batch, and lock them. Call inside a transaction."""
    return _known(database, list(leads), "find_leads")


def look_up_known(database: Database, leads: Iterable[NewLead]) -> KnownLeads:
    """Return who is known of a batch, and lock nobody."""
    return _known(database, list(leads), "look_up_leads")


def find_leads(database: Database, leads: Iterable[NewLead], statement: str = "find_leads") -> list[Lead]:
    """Return the stored leads that have one of the addresses of some leads, as one of those two statements does."""
    known = list(leads)
    phones = {lead.phone: None for lead in known if lead.phone is not None}
    emails = {lead.email: None for lead in known if lead.email is not None}
    return [lead_of(row) for row in database.run(statement, phones=phones, emails=emails)]


def _known(database: Database, leads: Listing[NewLead], statement: str) -> KnownLeads:
    addresses = {address: None for lead in leads for address in (lead.phone, lead.email) if address is not None}
    rows = database.run("known_by", addresses=addresses)
    merged = [NewLead(row["phone"], email=row["email"]) for row in rows]
    found = find_leads(database, [*leads, *merged], statement)
    return KnownLeads(found, others={row["address"]: row["id"] for row in rows})
