"""Text files with one row a line: comma, semicolon or tab between the cells, in UTF-8.

The whole file is read through once before its first row is handed out, so that a file in another encoding is refused
before anything is imported. A quotation mark that is never closed costs its own line and no other: the lines that it
would swallow are read again on their own.
"""

import csv
from collections import deque
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from dripline.errors import InvalidFile
from dripline.importing.table import Row, check_is_file, unreadable

DELIMITERS = (",", ";", "\t")
"""What may stand between two cells; Excel writes semicolons where the comma is the decimal sign."""

LINE_LIMIT = 1_000_000
"""The longest line, in characters."""

ROW_LINES_LIMIT = 100
"""The most lines that one row may span by line breaks inside quoted cells."""

_BROKEN = (
    "The row cannot be split into cells: close or remove its stray quotation mark, and shorten cells "
    f"of more than {ROW_LINES_LIMIT} lines or {csv.field_size_limit():,} characters."
)


class CsvTable:
    """A CSV file opened for one reading."""

    def __init__(self, path: Path) -> None:
        check_is_file(path)
        try:
            self._size = path.stat().st_size
            self._bytes = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from error
        self._path = path
        self._stream = TextIOWrapper(self._bytes, encoding="utf-8-sig", newline="")
        try:
            self.delimiter = self._checked_delimiter()
        except InvalidFile:
            self.close()
            raise

    @property
    def progress(self) -> float:
        """How much has been read, from 0 to 1, in steps of the reading buffer."""
        return min(1.0, self._bytes.tell() / self._size)

    def rows(self) -> Iterator[Row]:
        """Yield every row, blank ones included."""
        lines = _Lines(_text_lines(self._path, self._stream))
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                yield Row(number, cells=tuple(next(reader)))
            except csv.Error:
                yield Row(number, cells=(lines.only_first().rstrip("\r\n"),), broken=_BROKEN)
            except StopIteration:
                return
            lines.forget()

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def _checked_delimiter(self) -> str:
        header = ""
        for line in _text_lines(self._path, self._stream):
            header = header or line.strip("\r\n ")
        self._stream.seek(0)
        return max(DELIMITERS, key=lambda delimiter: _width(header, delimiter))


class _Lines:
    """Lines that remember which of them the current row took, so that all but its first can be given back."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._taken: list[str] = []
        self._given_back: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._taken) >= ROW_LINES_LIMIT:
            raise csv.Error
        line = self._given_back.popleft() if self._given_back else next(self._source)
        self._taken.append(line)
        return line

    def only_first(self) -> str:
        """Return the first line of the current row and give its other lines back."""
        first, *others = self._taken
        self._given_back.extendleft(reversed(others))
        return first

    def forget(self) -> None:
        """Begin a new row."""
        self._taken.clear()


def _text_lines(path: Path, stream: TextIOWrapper) -> Iterator[str]:
    try:
        while line := stream.readline(LINE_LIMIT):
            if "\0" in line:
                raise _not_text(path)
            if len(line) == LINE_LIMIT:
                raise InvalidFile(f"{path} has a line of {LINE_LIMIT:,} characters or more: check that it is a list.")
            yield line
    except UnicodeDecodeError as error:
        raise _not_text(path) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _not_text(path: Path) -> InvalidFile:
    return InvalidFile(f'{path} is not text in UTF-8: choose "Save As", "CSV UTF-8" in Excel and import that file.')


def _width(header: str, delimiter: str) -> int:
    return max(map(len, csv.reader([header], delimiter=delimiter)), default=0)
