"""Lead lists as people export them, CSV or Excel, read row by row: good rows as leads, the others with their reason.

The file and its header are checked when the list is opened; what is wrong with one row refuses that row only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from dripline.core.address import check_region
from dripline.core.model import NewLead
from dripline.core.phone import DEFAULT_REGION
from dripline.core.refused import RefusedRow
from dripline.core.trigger import normalize_trigger
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.columns import FORMULA_ERRORS, Columns, read_columns
from dripline.importing.csv_table import CsvTable
from dripline.importing.header import Header, find_header
from dripline.importing.meaning import Meanings
from dripline.importing.reading import ReadAs, Reading
from dripline.importing.table import Row, Table

WORKBOOKS = (".xlsx", ".xlsm")
"""What the names of workbooks end in."""

SUFFIXES = (".csv", ".tsv", ".txt", *WORKBOOKS)
"""What the names of lists end in."""


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A row that became a lead. `number` is the row's number in the spreadsheet, whose header is row 1."""

    number: int
    lead: NewLead = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be a lead, and the position of the cell that is to blame."""

    at: int
    reason: str = field(kw_only=True)


LeadRow = GoodRow | RefusedRow

_REPEATED = "The row says the names of the columns again: delete it."


class LeadList:
    """A lead list opened for one reading; a context manager that closes its file."""

    def __init__(self, path: Path, table: Table, columns: Columns, rows: Iterator[LeadRow], *, read_as: ReadAs) -> None:
        self.path = path
        self.read_as = read_as
        self.columns = columns.written
        self.guessed = columns.guessed
        self._table = table
        self._rows = rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[LeadRow]:
        return self._rows

    @property
    def delimiter(self) -> str:
        """What stands between two cells of the file."""
        return self._table.delimiter

    @property
    def progress(self) -> float:
        """How much of the file has been read, from 0 to 1; cheap enough to ask for at every row."""
        return self._table.progress

    def close(self) -> None:
        """Let go of the file."""
        self._table.close()


def open_leads(
    path: Path,
    *,
    region: str = DEFAULT_REGION,
    trigger: str | None = None,
    allow_no_trigger: bool = False,
    meanings: Meanings | None = None,
    reading: Reading | None = None,
) -> LeadList:
    """Open a lead list whose file, header and first row have been checked.

    `region` is where a phone without its country is dialled. `trigger` is given to every lead besides its own.
    `meanings` say what each column is, where its name does not, `reading` how the file is read, where that is not to be
    found out. Blank rows are passed over.

    Raises:
        InvalidFile: The file cannot be read as a lead list.
        InvalidTrigger: `trigger` cannot be one.
        InvalidSettings: There is no such region.
    """
    region = check_region(region)
    triggers = () if trigger is None else (normalize_trigger(trigger),)
    table = open_table(path, reading)
    try:
        header, below = read_header(path, table, reading)
        trigger_required = not triggers and not allow_no_trigger
        columns = read_columns(path, header.cells, trigger_required=trigger_required, meanings=meanings)
        first = _first_row(path, below, columns)
    except InvalidFile:
        table.close()
        raise
    rows = (
        _read(row, columns, region=region, triggers=triggers, repeats=header.is_repeated_by(row))
        for row in chain((first,), below)
    )
    return LeadList(path, table, columns, rows, read_as=read_as(table, header))


def open_table(path: Path, reading: Reading | None = None) -> Table:
    """Open a file of rows by what its name ends in.

    Raises:
        InvalidFile: It is of no kind that can be read, or cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidFile(f"{path} is neither .csv nor .xlsx: save it as CSV UTF-8 or as an Excel workbook (.xlsx).")
    if suffix not in WORKBOOKS:
        return CsvTable(path, reading)
    from dripline.importing.xlsx_table import XlsxTable

    return XlsxTable(path, reading)


def filled_rows(table: Table) -> Iterator[Row]:
    """Yield the rows in which anything is written."""
    return (row for row in table.rows() if not row.is_blank)


def read_header(path: Path, table: Table, reading: Reading | None = None) -> tuple[Header, Iterator[Row]]:
    """Return the header of a table and the filled rows below it.

    Raises:
        InvalidFile: There is none, or it cannot be split into cells.
    """
    return find_header(path, filled_rows(table), reading.header_row if reading else None)


def read_as(table: Table, header: Header) -> ReadAs:
    """Return how a file is read, its header included."""
    found = table.read_as
    notes = (*found.notes, *filter(None, (header.note,)))
    return replace(found, header_row=header.row.number, notes=notes)


def _first_row(path: Path, filled: Iterator[Row], columns: Columns) -> Row:
    first = next(filled, None)
    if first is None:
        raise InvalidFile(f"{path} holds a header but no leads: add one lead a row.")
    cells = columns.kept(first.cells)
    unnamed = next((position for position in columns.unnamed if cells[position].strip()), None)
    if unnamed is not None:
        raise InvalidFile(
            f"{path} has values in column {columns.named(unnamed)}, which has no name: name it in row 1 or delete it."
        )
    return first


def judge(cells: tuple[str, ...], columns: Columns, *, region: str, triggers: tuple[str, ...]) -> NewLead | Fault:
    """Return the lead of a row's cells, or why they cannot be one. `triggers` are given to every row."""
    unplaced = columns.unplaced(cells)
    if unplaced is not None:
        reason = (
            "A value stands in a column without a name: put text that holds a separator into quotation marks, "
            "or name the column in row 1."
        )
        return Fault(unplaced, reason=reason)
    if not FORMULA_ERRORS.isdisjoint(cells):
        broken = (at for at, cell in enumerate(cells) if cell in FORMULA_ERRORS and at not in columns.left_out)
        at = next(broken, None)
        if at is not None:
            return Fault(at, reason="The cell holds the error of a formula: correct the formula or empty the cell.")
    try:
        return columns.lead(cells, region=region, triggers=triggers)
    except InvalidInput as error:
        return Fault(columns.culprit(cells, error), reason=str(error))


def _read(row: Row, columns: Columns, *, region: str, triggers: tuple[str, ...], repeats: bool) -> LeadRow:
    why = _REPEATED if repeats else row.broken
    if why:
        return RefusedRow(row.number, cells=row.cells, column=columns.named(0), value=row.cells[0], reason=why)
    cells = columns.kept(row.cells)
    judged = judge(cells, columns, region=region, triggers=triggers)
    if isinstance(judged, Fault):
        return RefusedRow(
            row.number,
            cells=cells,
            column=columns.named(judged.at),
            value=cells[judged.at].strip(),
            reason=judged.reason,
        )
    return GoodRow(row.number, lead=judged)
