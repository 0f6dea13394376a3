"""The rows of a lead list as they are read: leads, with what was done about their cells, and rows that are refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dripline.core.leads.lead import NewLead
from dripline.core.leads.rejected_row import RefusedRow
from dripline.importing.leads.columns import Columns

REPEATS_LIMIT = 1_000_000
"""For how many people of a list repeats are found."""


@dataclass(frozen=True, slots=True)
class CellNote:
    """What was done about a cell of a row that came in all the same, by the row, the column and what stands in it."""

    number: int
    column: str = field(kw_only=True)
    value: str = field(kw_only=True)
    text: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A row that became a lead. `number` is the row's number in the spreadsheet, whose header is row 1.

    `is_opted_out`: the list says that nothing is to be sent to this person. `notes` say what was done about its cells.
    """

    number: int
    lead: NewLead = field(kw_only=True)
    is_opted_out: bool = field(default=False, kw_only=True)
    notes: tuple[CellNote, ...] = field(default=(), kw_only=True)


LeadRow = GoodRow | RefusedRow


def noting_repeats(rows: Iterator[LeadRow], columns: Columns) -> Iterator[LeadRow]:
    """Yield rows, each that names somebody whom an earlier one names with a note that says so."""
    seen: dict[str, int] = {}
    for row in rows:
        person = row.lead.phone or row.lead.email if isinstance(row, GoodRow) else None
        if person is None or isinstance(row, RefusedRow):
            yield row
        elif person in seen:
            yield replace(row, notes=(*row.notes, _repeat(row, person, seen[person], columns)))
        else:
            if len(seen) < REPEATS_LIMIT:
                seen[person] = row.number
            yield row


def _repeat(row: GoodRow, person: str, earlier: int, columns: Columns) -> CellNote:
    at = columns.own["phone" if row.lead.phone else "email"]
    return CellNote(
        row.number,
        column=columns.named(at),
        value=person,
        text=f"Row {earlier} names the same person: where they differ, this row counts.",
    )
