"""Which stored leads a batch may mean, by every address by which they are known, to be matched by a `LeadMerge`."""

from collections.abc import Container, Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass

from dripline.core.leads.lead import Lead, NewLead
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.lead_merge import LeadMerge
from dripline.store.rows import lead_of


@dataclass(frozen=True, slots=True)
class KnownLeads:
    """The stored leads that a batch may mean, and the other addresses by which merged ones of them are known."""

    leads: Listing[Lead]
    others: Mapping[str, int]

    def lead_merge(self, apart: Container[int] = ()) -> LeadMerge:
        """Return the merge that the batch is added to; those in `apart` are merged into no other lead now."""
        return LeadMerge(self.leads, self.others, apart)


def find_known(database: Database, leads: Iterable[NewLead]) -> KnownLeads:
    """Return who is known of a batch, and lock them. Call inside a transaction."""
    return _known(database, list(leads), "find_leads")


def look_up_known(database: Database, leads: Iterable[NewLead]) -> KnownLeads:
    """Return who is known of a batch, and lock nobody."""
    return _known(database, list(leads), "look_up_leads")


def _known(database: Database, leads: Listing[NewLead], statement: str) -> KnownLeads:
    found = _rows(database, leads, statement)
    others: Listing[Row] = ()
    # Whom an other address names is among those that were found.
    if found and found[0]["are_others_named"]:
        others = database.run("known_by", addresses=_addresses(leads))
        # Who has the address of a merged lead may be meant as well.
        found = _rows(database, [*leads, *(NewLead(row["phone"], email=row["email"]) for row in others)], statement)
    return KnownLeads([lead_of(row) for row in found], others={row["address"]: row["id"] for row in others})


def _rows(database: Database, leads: Listing[NewLead], statement: str) -> list[Row]:
    phones = {lead.phone: None for lead in leads if lead.phone is not None}
    emails = {lead.email: None for lead in leads if lead.email is not None}
    return database.run(statement, phones=phones, emails=emails, addresses=_addresses(leads))


def _addresses(leads: Listing[NewLead]) -> dict[str, None]:
    return {address: None for lead in leads for address in (lead.phone, lead.email) if address is not None}
