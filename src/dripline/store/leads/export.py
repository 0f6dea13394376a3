"""Leads read from the first to the last, a page at a time, each with its triggers."""

from dripline.core.leads.lead import Lead
from dripline.store.database.database import Database
from dripline.store.enrollments.store import keys
from dripline.store.rows import lead_of

PAGE = 1_000
"""How many leads are read at a time."""


LeadWithTriggers = tuple[Lead, tuple[str, ...]]


def leads_after(database: Database, last: int, trigger: str | None) -> list[LeadWithTriggers]:
    """Return a page of all leads, or of those that have a trigger, in the order of their ids, behind an id."""
    page = database.run("all_leads", after=last, trigger=trigger, page=PAGE)
    triggers: dict[int, tuple[str, ...]] = {}
    for row in database.run("triggers_of_leads", leads=keys(row["id"] for row in page)) if page else ():
        triggers[row["lead_id"]] = (*triggers.get(row["lead_id"], ()), row["trigger"])
    return [(lead_of(row), triggers.get(row["id"], ())) for row in page]
