"""The rows that were refused, in a file of their own that can be corrected and imported as it is."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from dripline.core.leads.rejected_row import RefusedRow
from dripline.errors import InvalidFile
from dripline.importing.column_meaning import ERROR_COLUMN
from dripline.importing.leads.leads_file import LeadList
from dripline.importing.tables.csv_safety import safe
from dripline.private_files import make_for_owner


def refused_path(path: Path) -> Path:
    """Return where the refused rows of a list go: ``leads.refused.csv`` beside ``leads.csv`` or ``leads.xlsx``.

    The rows that are refused again from ``leads.refused.csv`` go to ``leads.refused.refused.csv``.
    """
    return path.with_name(f"{path.stem}.refused.csv")


class RefusedFile:
    """Writes refused rows as they were, each with its reason in the last column; made when the first one comes.

    An earlier file of the same name is replaced by then, and left alone when no row is refused. Cells are safe to open,
    and read the same when they are imported again.

    Raises:
        InvalidFile: The file would replace the list itself, or cannot be written.
    """

    def __init__(self, leads: LeadList, path: Path | None = None) -> None:
        self.path = refused_path(leads.path) if path is None else path
        self.count = 0
        self._columns = leads.columns
        self._delimiter = leads.delimiter
        self._stream: TextIO | None = None
        if self.path.resolve() == leads.path.resolve():
            raise InvalidFile(f"{self.path} is the list itself: give the refused rows another file.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def write(self, row: RefusedRow) -> None:
        """Add one row."""
        try:
            if self._stream is None:
                make_for_owner(str(self.path))
                self._stream = self.path.open("w", encoding="utf-8-sig", newline="")
                self._write_cells(self._stream, (*self._columns, ERROR_COLUMN))
            width = len(self._columns)
            padding = ("",) * (width - len(row.cells))
            self._write_cells(self._stream, (*row.cells[:width], *padding, row.reason, *row.cells[width:]))
        except OSError as error:
            raise InvalidFile(
                f"{self.path} cannot be written ({error.strerror}): make room for the refused rows."
            ) from error
        self.count += 1

    def _write_cells(self, stream: TextIO, cells: tuple[str, ...]) -> None:
        csv.writer(stream, delimiter=self._delimiter).writerow(map(safe, cells))
