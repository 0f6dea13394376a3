"""The table of texts that a workbook keeps once for all its cells: the first of them in memory, all others in a file.

A list of 100,000 rows with 90 columns may have millions of texts, which would take gigabytes.
"""

import re
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element

from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from dripline.importing.tables.zip_guard import Bounded, ZipTooLarge

HELD = 20_000_000
"""How many bytes of memory texts may take before the others are put into a file."""

EACH = 60
"""How many bytes a text takes besides its characters."""

FRESH = 1_000_000
"""How many characters of the latest texts are held besides, before they are put there together."""

TEXTS_LIMIT = 10_000_000
"""The most texts: where each begins in the file is held, in 80 MB."""

_ITEM, _PLAIN, _RUN = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("si", "t", "r"))

_ESCAPED = re.compile(r"_x(000[9AD]|005F)_", re.IGNORECASE)
"""How a workbook writes the ends of lines, tabs and the underscore of such a text."""


class SharedTexts:
    """Texts by their numbers, read as far as they are asked for: most workbooks number them as their rows come.

    The first are held, the ones after them are in the file, and the latest are held until they are put there.
    """

    def __init__(self, part: Bounded | None = None) -> None:
        self._part = part
        self._coming = iter(()) if part is None else _texts(part)
        self._held: list[str] = []
        self._room = HELD
        self._fresh: list[str] = []
        self._fresh_size = 0
        self._count = 0
        self._ends = array("q", [0])
        self._file: IO[bytes] | None = None

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        while number >= self._count:
            self._add(next(self._coming, None))
        if number < len(self._held):
            return self._held[number]
        at = number - len(self._held)
        if at >= len(self._ends) - 1:
            return self._fresh[at - len(self._ends) + 1]
        if self._file is None:
            raise IndexError(number)
        start, end = self._ends[at], self._ends[at + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Let go of the file."""
        if self._part is not None:
            self._part.close()
        if self._file is not None:
            self._file.close()

    def _add(self, text: str | None) -> None:
        """Add the text of the next number.

        Raises:
            TooMuch: There are more than `TEXTS_LIMIT`.
        """
        if text is None:
            raise IndexError
        if self._count >= TEXTS_LIMIT:
            raise ZipTooLarge
        self._count += 1
        self._room -= len(text) + EACH
        if self._room >= 0:
            self._held.append(text)
            return
        self._fresh.append(text)
        self._fresh_size += len(text)
        if self._fresh_size > FRESH:
            self._put_away()

    def _put_away(self) -> None:
        """Write the latest texts into the file."""
        if self._file is None:
            # Its system deletes it with the process, should that be killed.
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with the workbook
        written = [text.encode("utf-8", "surrogatepass") for text in self._fresh]
        self._file.seek(self._ends[-1])
        self._file.write(b"".join(written))
        for one in written:
            self._ends.append(self._ends[-1] + len(one))
        self._fresh.clear()
        self._fresh_size = 0


def text_of(element: Element) -> str:
    """Return what an element of a text, plain or of several forms, says; how its signs are spoken is left out."""
    if len(element) == 1 and element[0].tag == _PLAIN:
        text = element[0].text or ""
    else:
        text = "".join(part.text or "" for path in (_PLAIN, f"{_RUN}/{_PLAIN}") for part in element.iterfind(path))
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _texts(part: Bounded) -> Iterator[str]:
    above: list[Element] = []
    for event, node in iterparse(part, events=("start", "end")):
        if event == "start":
            above.append(node)
            continue
        above.pop()
        if node.tag == _ITEM:
            yield text_of(node)
            part.forget()
            if above:
                above[-1].clear()
