"""Lead lists as people export them, CSV or Excel, read row by row: good rows as leads, the others with their reason.

The file and its header are checked when the list is opened; what is wrong with one row refuses that row only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Self

from dripline.core.leads.address import check_region
from dripline.core.leads.phone import DEFAULT_REGION
from dripline.core.leads.rejected_row import RefusedRow
from dripline.core.leads.trigger import normalize_trigger
from dripline.errors import InvalidFile
from dripline.importing.column_meaning import Meanings
from dripline.importing.header import Header, find_header
from dripline.importing.leads.columns import Columns, Counting, column_names, read_columns
from dripline.importing.leads.known_before import NOTHING_KNOWN, KnownBefore
from dripline.importing.leads.lead_row import CellNote, GoodRow, LeadRow, noting_repeats
from dripline.importing.leads.mapping import Choice, ColumnMapping, read_mapping
from dripline.importing.leads.other_country import whose_phones
from dripline.importing.leads.row_checks import Fault, Judge
from dripline.importing.reading import ReadAs, Reading
from dripline.importing.table import Row, Table
from dripline.importing.tables.cards_table import CardsTable
from dripline.importing.tables.csv_safety import plain
from dripline.importing.tables.csv_table import CsvTable
from dripline.importing.tables.file_kind import FileKind, file_kind, no_list

WORKBOOKS = (".xlsx", ".xlsm")
"""What the names of workbooks end in."""

SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".vcf", *WORKBOOKS)
"""What the names of lists end in."""


LOOKED_AT = 200
"""How many rows are looked at to tell what columns hold."""

_REPEATED = "The row says the names of the columns again: delete it."


@dataclass(frozen=True, slots=True)
class FoundOut:
    """What was found out of a list before its rows are read.

    `read_as` says how the file is read, `said` what a person said of its columns; None where they are taken by their
    names and looks. `question` says that its phones seem to be another country's, and is empty otherwise.
    """

    read_as: ReadAs
    said: Meanings | None = field(default=None, kw_only=True)
    question: str = field(default="", kw_only=True)


class LeadList:
    """A lead list opened for one reading; a context manager that closes its file."""

    def __init__(self, path: Path, table: Table, columns: Columns, rows: Iterator[LeadRow], *, found: FoundOut) -> None:
        self.path = path
        self.found = found
        self.columns = columns.written
        self.guessed = columns.guessed
        self.renamed = columns.renamed
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


def open_leads(  # noqa: PLR0913  (how a list is read, each by its name)
    path: Path,
    *,
    region: str = DEFAULT_REGION,
    trigger: str | None = None,
    allow_no_trigger: bool = False,
    meanings: Meanings | None = None,
    reading: Reading | None = None,
    choices: Sequence[Choice] = (),
    known: KnownBefore = NOTHING_KNOWN,
) -> LeadList:
    """Open a lead list whose file, header and first row have been checked.

    `region` is where a phone without its country is dialled. `trigger` is given to every lead besides its own.
    `meanings` say what each column is; else `choices` what some are, and their names and looks say it of the others.
    Where neither is given, what is `known` of a list with the same columns stands for `meanings`, if anything.
    `reading` says how the file is read, where that is not to be found out. Blank rows are passed over.

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
        first = tuple(islice(below, LOOKED_AT))
        meanings = known.meanings(column_names(header.cells)) if meanings is None and not choices else meanings
        mapping = _mapping(path, header.cells, first, choices, region) if meanings is None else ColumnMapping(meanings)
        columns = read_columns(path, header.cells, mapping, trigger_required=trigger_required)
        _check_first(path, first, columns)
    except InvalidFile:
        table.close()
        raise
    judge = Judge(columns, region=region, triggers=triggers, has_phone=known.has_phone)
    rows = (_read(row, judge, repeats=header.is_repeated_by(row)) for row in chain(first, below))
    found = FoundOut(
        read_as(table, header),
        said=mapping.meanings if meanings is not None or choices else None,
        question=whose_phones(columns, [columns.selected(row.cells) for row in first if not row.broken], region),
    )
    return LeadList(path, table, columns, noting_repeats(rows, columns), found=found)


def open_table(path: Path, reading: Reading | None = None) -> Table:
    """Open a file of rows by what it is; its name ends in what lists end in.

    Raises:
        InvalidFile: It is of no kind that can be read, or cannot be read.
    """
    kind = file_kind(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise no_list(path)
    if kind is FileKind.CARDS:
        return CardsTable(path, reading)
    if kind is FileKind.TEXT and suffix not in WORKBOOKS:
        return CsvTable(path, reading)
    from dripline.importing.tables.xlsx_table import XlsxTable

    return XlsxTable(path, reading)


def filled_rows(table: Table) -> Iterator[Row]:
    """Yield the rows in which anything is written, their cells as they were before they were made safe to open."""
    return (_as_it_was(row) for row in table.rows() if not row.is_blank)


def _as_it_was(row: Row) -> Row:
    if not any(cell[:1] == "'" for cell in row.cells):
        return row
    return replace(row, cells=tuple(map(plain, row.cells)))


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


def _mapping(
    path: Path, header: tuple[str, ...], first: tuple[Row, ...], choices: Sequence[Choice], region: str
) -> ColumnMapping:
    counting = Counting(header)
    rows = [counting.selected(row.cells) for row in first if not row.broken]
    return read_mapping(path, counting.names, choices, rows, region=region)


def _check_first(path: Path, first: tuple[Row, ...], columns: Columns) -> None:
    if not first:
        raise InvalidFile(f"{path} holds a header but no leads: add one lead a row.")
    cells = columns.selected(first[0].cells)
    unnamed = next((position for position in columns.unnamed if cells[position].strip()), None)
    if unnamed is not None:
        raise InvalidFile(
            f"{path} has values in column {columns.named(unnamed)}, which has no name: name it in row 1 or delete it."
        )


def _read(row: Row, judge: Judge, *, repeats: bool) -> LeadRow:
    columns = judge.columns
    why = _REPEATED if repeats else row.broken
    if why:
        return RefusedRow(row.number, cells=row.cells, column=columns.named(0), value=row.cells[0], reason=why)
    cells = columns.selected(row.cells)
    judged = judge.judge(cells)
    if isinstance(judged, Fault):
        return RefusedRow(
            row.number,
            cells=cells,
            column=columns.named(judged.at),
            value=cells[judged.at].strip(),
            reason=judged.reason,
        )
    return GoodRow(
        row.number,
        lead=judged.lead,
        is_opted_out=judged.is_opted_out,
        notes=tuple(
            CellNote(row.number, column=columns.named(note.at), value=cells[note.at].strip(), text=note.text)
            for note in judged.notes
        ),
    )
