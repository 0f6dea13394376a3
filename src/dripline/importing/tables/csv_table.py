"""Text files with one row a line: comma, semicolon, tab or bar between the cells, in whatever encoding they are.

The whole file is read through before its first row is handed out, so that what cannot be read in one encoding to its
end is refused before anything is imported. A quotation mark that is never closed costs its own line and no other: the
lines that it would swallow are read again on their own.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

from dripline.core.leads.attribute import VALUE_LIMIT
from dripline.errors import InvalidFile
from dripline.importing.reading import ReadAs, Reading
from dripline.importing.table import Row, check_is_file, unreadable
from dripline.importing.tables.delimiter import LOOKED_AT, find_delimiter, said_delimiter
from dripline.importing.tables.encoding import Encoding, find_encoding, not_text, said

LINE_LIMIT = 1_000_000
"""The longest line, in characters."""

ROW_LINES_LIMIT = 100
"""The most lines that one row may span by line breaks inside quoted cells, unless a lead can have each of its cells."""

GIVEN_BACK_LIMIT = 1_000_000
"""How many lines are read again in all for rows that took more than they had; from then on no row may take more."""

_BROKEN = (
    "The row cannot be split into cells: close or remove its stray quotation mark, and shorten cells "
    f"of more than {ROW_LINES_LIMIT} lines and {VALUE_LIMIT:,} characters."
)


_DAMAGED = "The row holds bytes that are no letters in UTF-8, each shown as \ufffd: write it again."

_NO_LETTER = re.compile("[\ud800-\udfff]")
"""What Python reads a byte as that is no letter."""


class CsvTable:
    """A CSV file opened for one reading."""

    def __init__(self, path: Path, reading: Reading | None = None) -> None:
        wanted = reading or Reading()
        check_is_file(path)
        try:
            self._size = path.stat().st_size
            self._bytes = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from error
        self._path = path
        try:
            self._open_text(wanted)
        except (OSError, InvalidFile) as error:
            self._bytes.close()
            raise unreadable(path, error) from error

    @property
    def progress(self) -> float:
        """How much has been read, from 0 to 1, in steps of the reading buffer."""
        return min(1.0, self._bytes.tell() / self._size)

    @property
    def read_as(self) -> ReadAs:
        """The encoding and the delimiter, as they were said or found out."""
        notes = (self._encoding.note,) if self._encoding.note else ()
        return ReadAs(encoding=self._encoding.name, delimiter=self.delimiter, notes=notes)

    def rows(self) -> Iterator[Row]:
        """Yield every row, blank ones included."""
        texts = _text_lines(self._path, self._stream)
        for _ in range(self._before):
            next(texts, None)
        lines = _Lines(texts)
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True, strict=True)
        number = 0
        while True:
            number += 1
            try:
                cells = tuple(next(reader))
                lines.check(cells)
                yield self._row(number, cells)
            except csv.Error:
                yield Row(number, cells=(_shown(lines.only_first().rstrip("\r\n")),), broken=_BROKEN)
            except StopIteration:
                return
            lines.forget()

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def _open_text(self, wanted: Reading) -> None:
        """Find out how the text is written, and read it to its end."""
        chosen = Encoding(wanted.encoding) if wanted.encoding else None
        self._encoding = chosen or find_encoding(self._path, self._bytes)
        self._bytes.seek(0)
        errors = "surrogateescape" if self._encoding.is_damaged else "strict"
        self._stream = TextIOWrapper(self._bytes, encoding=self._encoding.name, errors=errors, newline="")
        first: list[str] = []
        for line in _text_lines(self._path, self._stream):
            if len(first) <= LOOKED_AT:
                first.append(line)
        self._stream.seek(0)
        declared = said_delimiter(first[0]) if first else None
        self._before = 0 if declared is None else 1
        self.delimiter = wanted.delimiter or declared or find_delimiter(first)

    def _row(self, number: int, cells: tuple[str, ...]) -> Row:
        if self._encoding.is_damaged and any(cell != _shown(cell) for cell in cells):
            return Row(number, cells=tuple(map(_shown, cells)), broken=_DAMAGED)
        return Row(number, cells=cells)


class _Lines:
    """Lines that remember which of them the current row took, so that all but its first can be given back."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._current: list[str] = []
        self._given_back: deque[str] = deque()
        self._spare = GIVEN_BACK_LIMIT

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._current) >= max(ROW_LINES_LIMIT, self._spare):
            raise csv.Error
        line = self._given_back.popleft() if self._given_back else next(self._source)
        self._current.append(line)
        return line

    def check(self, cells: tuple[str, ...]) -> None:
        """Refuse a row of many lines that no lead can have: an open quotation mark made one of other rows.

        Raises:
            csv.Error: It is one.
        """
        if len(self._current) > ROW_LINES_LIMIT and any(len(cell) > VALUE_LIMIT for cell in cells):
            raise csv.Error

    def only_first(self) -> str:
        """Return the first line of the current row and give its other lines back."""
        first, *others = self._current
        self._spare -= len(others)
        self._given_back.extendleft(reversed(others))
        return first

    def forget(self) -> None:
        """Begin a new row."""
        self._current.clear()


def _text_lines(path: Path, stream: TextIOWrapper) -> Iterator[str]:
    number = 0
    try:
        while line := stream.readline(LINE_LIMIT):
            number += 1
            if "\0" in line:
                raise not_text(path)
            if len(line) == LINE_LIMIT:
                raise InvalidFile(f"{path} has a line of {LINE_LIMIT:,} characters or more: check that it is a list.")
            yield line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError as error:
        raise InvalidFile(
            f"{path} is not in {said(stream.encoding)} to its end; what is not stands in line {number + 1} or soon "
            'after: name another encoding, or save it as "CSV UTF-8".'
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _shown(text: str) -> str:
    """Return a text in which bytes that are no letters are seen as such."""
    return text if text.isascii() else _NO_LETTER.sub("\ufffd", text)
