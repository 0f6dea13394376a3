"""Excel workbooks (.xlsx): the first sheet that is not hidden, each cell as the text that a person would have typed.

Rows are streamed. What the file itself keeps once for all rows, its table of repeated texts, is held in memory.
This file is imported only when a workbook is read, since openpyxl takes its time to load.
"""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from dripline.errors import InvalidFile
from dripline.importing.table import Row, check_is_file, unreadable

UNPACKED_LIMIT = 1024**3
"""The most bytes a workbook may unpack to."""

ROW_LIMIT = 1_048_576
"""The most rows a sheet of Excel can have."""

_BATCH = 256


class XlsxTable:
    """The first sheet of a workbook, opened for one reading."""

    delimiter = ","

    def __init__(self, path: Path) -> None:
        check_is_file(path)
        self._path = path
        try:
            self._stream = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from error
        try:
            sheet = _first_sheet(path, self._stream)
        except InvalidFile:
            self.close()
            raise
        self._read = 0
        self._expected = max(sheet.max_row or 1, 1)
        sheet.reset_dimensions()  # what a file states as its size is often wrong, and cuts rows off
        self._values = sheet.iter_rows(values_only=True)

    @property
    def progress(self) -> float:
        """How much has been read, from 0 to 1, as far as the file states its number of rows."""
        return min(1.0, self._read / self._expected)

    def rows(self) -> Iterator[Row]:
        """Yield every row, blank ones included."""
        while batch := self._next_batch():
            for values in batch:
                self._read += 1
                if self._read > ROW_LIMIT:
                    raise InvalidFile(f"{self._path} has more than {ROW_LIMIT:,} rows: split it into several files.")
                yield Row(self._read, cells=tuple(map(as_text, values)))

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def _next_batch(self) -> list[tuple[object, ...]]:
        values: Iterable[tuple[object, ...]] = self._values
        try:
            with warnings.catch_warnings():  # a date outside the calendar is only warned of; its cell says #VALUE!
                warnings.simplefilter("ignore")
                return list(islice(values, _BATCH))
        except Exception as error:  # openpyxl promises no set of errors for a broken file
            raise _not_a_workbook(self._path) from error


def as_text(value: object) -> str:
    """Return a cell's value as a person would type it: whole numbers in full digits, dates as 2026-01-31."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case date() | time():
            return _calendar_text(value)
        case _:
            return str(value)


def _calendar_text(value: date | time) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")


def _first_sheet(path: Path, stream: BinaryIO) -> ReadOnlyWorksheet:
    try:
        unpacked = _unpacked_bytes(stream)
        sheets = _sheets(stream) if unpacked <= UNPACKED_LIMIT else ()
    except Exception as error:  # openpyxl promises no set of errors for a broken file
        raise _not_a_workbook(path) from error
    if unpacked > UNPACKED_LIMIT:
        raise InvalidFile(f"{path} unpacks to {unpacked:,} bytes, which is too much: save it as CSV UTF-8.")
    visible = next((sheet for sheet in sheets if sheet.sheet_state == "visible"), None)
    if visible is None:
        raise InvalidFile(f"{path} has no sheet to read: save the list as the first sheet.")
    return visible


def _unpacked_bytes(stream: BinaryIO) -> int:
    with ZipFile(stream) as archive:
        return sum(member.file_size for member in archive.infolist())


def _sheets(stream: BinaryIO) -> Sequence[ReadOnlyWorksheet]:
    with warnings.catch_warnings():  # openpyxl warns of decoration that it leaves out
        warnings.simplefilter("ignore")
        return load_workbook(stream, read_only=True, data_only=True).worksheets


def _not_a_workbook(path: Path) -> InvalidFile:
    return InvalidFile(
        f"{path} is not a readable Excel workbook: open it in Excel, and save it as .xlsx without a password "
        "or as CSV UTF-8."
    )
