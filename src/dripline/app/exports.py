"""Exports: leads as lines of a file."""

from collections.abc import Iterator

from dripline.app.opened import Opened
from dripline.core.trigger import normalize_trigger
from dripline.importing.spreadsheet import csv_line
from dripline.store.export import all_leads

EXPORTED = ("phone", "email", "name", "zone", "trigger")
"""The columns of every lead; its attributes follow."""


class ExportCases(Opened):
    """What can be taken out."""

    def export_leads(self, *, trigger: str | None = None) -> Iterator[str]:
        """Yield all leads, or those that have a trigger, as lines of a CSV file that can be opened and imported again.

        A page of leads is held at a time. A cell that a spreadsheet would take for a formula has a ' before it.

        Raises:
            InvalidTrigger: The trigger cannot be one.
        """
        return self._lines(None if trigger is None else normalize_trigger(trigger))

    def _lines(self, trigger: str | None) -> Iterator[str]:
        attributes = [name for name in self._reads.attribute_names() if name not in EXPORTED]
        yield csv_line((*EXPORTED, *attributes))
        for lead, triggers in all_leads(self._database, trigger):
            own = (lead.phone or "", lead.email or "", lead.name, lead.zone or "", ", ".join(triggers))
            yield csv_line((*own, *(lead.attributes.get(name, "") for name in attributes)))
