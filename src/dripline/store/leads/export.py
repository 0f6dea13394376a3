"""Leads read from the first to the last, a page at a time, each with its triggers."""

from collections.abc import Iterator

from dripline.core.leads.lead import Lead
from dripline.store.database.database import Database
from dripline.store.enrollments.store import keys
from dripline.store.rows import lead_of

PAGE = 1_000
"""How many leads are read at a time."""


def all_leads(database: Database, trigger: str | None) -> Iterator[tuple[Lead, tuple[str, ...]]]:
    """Yield every lead, or every one that has a trigger, in the order of their ids, with its triggers."""
    last = 0
    while page := database.run("all_leads", after=last, trigger=trigger, page=PAGE):
        last = page[-1]["id"]
        triggers: dict[int, tuple[str, ...]] = {}
        for row in database.run("triggers_of_leads", leads=keys(row["id"] for row in page)):
            triggers[row["lead_id"]] = (*triggers.get(row["lead_id"], ()), row["trigger"])
        for row in page:
            yield lead_of(row), triggers.get(row["id"], ())
