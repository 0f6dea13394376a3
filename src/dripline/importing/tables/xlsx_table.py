"""Excel workbooks (.xlsx): the sheet that looks like a list, each cell as the text that a person would have typed.

Rows are streamed. What the file itself keeps once for all rows, its table of repeated texts, is held in memory up to a
limit, and in a temporary file beyond it; nothing else is held, whatever the file unpacks to. This file is imported only
when a workbook is read, since openpyxl takes its time to load.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, STYLES_TYPE

from dripline.errors import InvalidFile
from dripline.importing.header import LOOKED_AT, names_address
from dripline.importing.reading import ReadAs, Reading
from dripline.importing.table import Row, check_is_file, unreadable
from dripline.importing.tables.shared_texts import SharedTexts
from dripline.importing.tables.sheet_rows import SheetRow, Styles, read_rows
from dripline.importing.tables.zip_guard import BoundedZip, ZipTooLarge

UNPACKED_LIMIT = 1024**3
"""The most bytes a workbook may unpack to."""

ROW_LIMIT = 1_048_576
"""The most rows a sheet of Excel can have."""

COLUMN_LIMIT = 1_000
"""The last column in which anything may stand."""

PART_LIMIT = (300_000, 16_000_000)
"""The most of a part that is held, of a row, and of a text: styles of the largest workbooks have 200,000 elements."""

_BATCH = 256

_SHEETS_LOOKED_AT = 30
"""Among how many sheets the one that looks like a list is looked for."""

_SHOWN = 8
"""How many sheets are named in a sentence."""

_HIDDEN = "The row is hidden in the workbook, by a filter or by hand: show it there, or import this row by itself."


class XlsxTable:
    """A sheet of a workbook, opened for one reading."""

    delimiter = ","

    def __init__(self, path: Path, reading: Reading | None = None) -> None:
        check_is_file(path)
        self._path = path
        self._texts = SharedTexts()
        wanted = (reading or Reading()).sheet
        try:
            self._stream = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from error
        try:
            self._open_sheet(wanted)
        except InvalidFile:
            self.close()
            raise

    @property
    def progress(self) -> float:
        """How much of the sheet has been read, from 0 to 1."""
        return min(1.0, self._sheet.bytes_read / self._size)

    @property
    def read_as(self) -> ReadAs:
        """Which sheet is read, and which others there are."""
        names = tuple(self._sheets)
        others = [name for name in names if name != self._name]
        shown = ", ".join(repr(name) for name in others[:_SHOWN]) + (" …" if len(others) > _SHOWN else "")
        notes = (f"The sheet {self._name!r} is read, and not {shown}.",) if others else ()
        return ReadAs(sheet=self._name, sheets=names, notes=notes)

    def rows(self) -> Iterator[Row]:
        """Yield every row that the sheet has; the numbers of those that it leaves out are passed over."""
        while batch := self._next_batch():
            for row in batch:
                if row.number > ROW_LIMIT:
                    raise InvalidFile(f"{self._path} has more than {ROW_LIMIT:,} rows: split it into several files.")
                yield Row(row.number, cells=self._filled(row), broken=_HIDDEN if row.is_hidden else "")

    def close(self) -> None:
        """Let go of the file."""
        self._texts.close()
        self._stream.close()

    def _open_sheet(self, wanted: str | None) -> None:
        try:
            reader, self._archive = _reader(self._path, self._stream)
            self._styles = _styles(reader, self._archive)
            self._sheets = _sheets(self._path, reader)
            self._texts = _texts(reader, self._archive)
            self._name = self._named(wanted) if wanted else self._likeliest()
            self._open_part(self._name)
        except ZipTooLarge as error:
            raise _too_much(self._path) from error
        except InvalidFile:
            raise
        except Exception as error:  # openpyxl promises no set of errors for a broken file
            raise _not_a_workbook(self._path) from error

    def _named(self, wanted: str) -> str:
        """Return the name of the sheet that a person names, as it is or by its place."""
        names = list(self._sheets)
        folded = {name.strip().casefold(): name for name in reversed(names)}
        found = folded.get(wanted.strip().casefold())
        if found is None and wanted.strip().isdecimal() and 0 < int(wanted) <= len(names):
            found = names[int(wanted) - 1]
        if found is None:
            shown = ", ".join(map(repr, names[:_SHOWN]))
            raise InvalidFile(f"{self._path} has no sheet {wanted[:40]!r}, only {shown}: name one of these.")
        return found

    def _likeliest(self) -> str:
        """Return the first visible sheet that names a column of addresses, else the first with rows of cells."""
        visible = [name for name, sheet in self._sheets.items() if sheet.is_visible] or list(self._sheets)
        looks = [(self._looks(name), -at, name) for at, name in enumerate(visible[:_SHEETS_LOOKED_AT])]
        return max(looks)[2] if len(visible) > 1 else visible[0]

    def _looks(self, name: str) -> int:
        """Return how much a sheet looks like a list, from its first rows."""
        self._open_part(name)
        rows = list(islice((row for row in self.rows() if not row.is_blank), LOOKED_AT))
        if any(names_address(row) for row in rows):
            return 2 if len(rows) > 1 else 1
        return 1 if sum(sum(map(bool, row.cells)) > 1 for row in rows) > 1 else 0

    def _open_part(self, name: str) -> None:
        part = self._sheets[name].part
        self._sheet = self._archive.open(part)
        self._size = max(1, self._archive.getinfo(part).file_size)
        self._rows = read_rows(self._sheet, self._texts, self._styles)

    def _next_batch(self) -> list[SheetRow]:
        try:
            return list(islice(self._rows, _BATCH))
        except ZipTooLarge as error:
            raise _too_much(self._path) from error
        except Exception as error:  # openpyxl promises no set of errors for a broken file
            raise _not_a_workbook(self._path) from error

    def _filled(self, row: SheetRow) -> tuple[str, ...]:
        """Return the cells of a row in their columns, with empty ones where the sheet leaves them out."""
        width = max(row.cells, default=0)
        if width > COLUMN_LIMIT:
            raise InvalidFile(f"{self._path} has more than {COLUMN_LIMIT:,} columns: delete those that are not needed.")
        return tuple(row.cells.get(column, "") for column in range(1, width + 1))


def _reader(path: Path, stream: BinaryIO) -> tuple[ExcelReader, BoundedZip]:
    """Read what a workbook holds besides the rows of its sheets and their texts."""
    archive = BoundedZip(stream)
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > UNPACKED_LIMIT:
        raise InvalidFile(f"{path} unpacks to {unpacked:,} bytes, which is too much: save it as CSV UTF-8.")
    reader = ExcelReader(stream, read_only=True, data_only=True)
    reader.archive = archive
    archive.elements, archive.bytes_at_once = PART_LIMIT
    with warnings.catch_warnings():  # openpyxl warns of decoration that it leaves out
        warnings.simplefilter("ignore")
        reader.read_manifest()
        reader.read_workbook()
    return reader, archive


def _texts(reader: ExcelReader, archive: BoundedZip) -> SharedTexts:
    name = _part(reader, SHARED_STRINGS)
    return SharedTexts() if name is None else SharedTexts(archive.open(name))


def _styles(reader: ExcelReader, archive: BoundedZip) -> Styles:
    book: Any = reader.wb
    name = _part(reader, STYLES_TYPE)
    if name is None:
        return Styles(book.epoch)
    with archive.open(name) as part:
        return Styles(book.epoch, part)


def _part(reader: ExcelReader, kind: str) -> str | None:
    """Return the name of the part of a kind, if the workbook has one."""
    manifest: Any = reader.package
    found = manifest.find(kind)
    name = None if found is None else str(found.PartName).removeprefix("/")
    return name if name in reader.valid_files else None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where the rows of a sheet are kept, and whether a person sees it."""

    part: str
    is_visible: bool = field(kw_only=True)


def _sheets(path: Path, reader: ExcelReader) -> dict[str, _Sheet]:
    """Return the sheets of rows by their names, in the order of the workbook."""
    found: Any = reader.parser.find_sheets()
    sheets = {
        str(sheet.name): _Sheet(str(relation.target), is_visible=sheet.state == "visible")
        for sheet, relation in found
        if "chartsheet" not in relation.Type and relation.target in reader.valid_files
    }
    if not any(sheet.is_visible for sheet in sheets.values()):
        raise InvalidFile(f"{path} has no sheet to read: save the list as the first sheet.")
    return sheets


def _too_much(path: Path) -> InvalidFile:
    return InvalidFile(f"{path} holds more at once than a list needs: save it as CSV UTF-8.")


def _not_a_workbook(path: Path) -> InvalidFile:
    return InvalidFile(
        f"{path} is not a readable Excel workbook: open it in Excel, and save it as .xlsx without a password "
        "or as CSV UTF-8."
    )
