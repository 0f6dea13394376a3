"""A list of leads in batches, each of which is brought in by one transaction; the next is read meanwhile."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from dripline.core.leads.lead import NewLead
from dripline.core.leads.rejected_row import RefusedRow
from dripline.importing.leads.lead_row import CellNote, GoodRow
from dripline.importing.leads.leads_file import LeadList

BATCH = 1_000
"""How many rows are read, and how many leads written in one transaction."""


@dataclass(slots=True)
class ImportBatch:
    """The rows that are read and not yet written."""

    good: list[GoodRow] = field(default_factory=list[GoodRow])
    refused: list[RefusedRow] = field(default_factory=list[RefusedRow])

    def __len__(self) -> int:
        return len(self.good) + len(self.refused)

    @property
    def leads(self) -> list[NewLead]:
        """The leads of the good rows."""
        return [row.lead for row in self.good]

    @property
    def notes(self) -> list[CellNote]:
        """What was done about cells of the good rows."""
        return [note for row in self.good for note in row.notes]

    @property
    def noted(self) -> int:
        """How many of the good rows have notes."""
        return sum(bool(row.notes) for row in self.good)

    @property
    def opted_out(self) -> list[NewLead]:
        """The leads of rows that say that nothing is to be sent to them."""
        return [row.lead for row in self.good if row.is_opted_out]

    @property
    def without_trigger(self) -> int:
        """How many leads have no trigger."""
        return sum(not row.lead.triggers for row in self.good)


def read_ahead(rows: LeadList) -> Generator[tuple[ImportBatch, float]]:
    """Yield batches, each with how much of the list was read with it; the next one is read while one is brought in.

    Reading keeps Python busy, and writing the database, which lets Python go on meanwhile.
    """
    shares = ((batch, rows.progress) for batch in batches(rows))
    with ThreadPoolExecutor(1, thread_name_prefix="import") as reader:
        coming = reader.submit(next, shares, None)
        while (read := coming.result()) is not None:
            coming = reader.submit(next, shares, None)
            yield read


def batches(rows: LeadList) -> Iterator[ImportBatch]:
    """Yield the rows of a list, so many at a time."""
    batch = ImportBatch()
    for row in rows:
        if isinstance(row, RefusedRow):
            batch.refused.append(row)
        else:
            batch.good.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = ImportBatch()
    if len(batch):
        yield batch
