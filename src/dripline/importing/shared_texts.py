"""The table of texts that a workbook keeps once for all its cells: the first of them in memory, all others in a file.

A list of 100,000 rows with 90 columns may have millions of texts, which would take gigabytes.
"""

import re
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO, Self
from xml.etree.ElementTree import Element

from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from dripline.importing.bounded_zip import Bounded, TooMuch

HELD = 20_000_000
"""How many characters of texts are held in memory."""

TEXTS_LIMIT = 10_000_000
"""The most texts: where each begins in the file is held, in 80 MB."""

_ITEM, _PLAIN, _RUN = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("si", "t", "r"))

_ESCAPED = re.compile(r"_x(000[9AD]|005F)_", re.IGNORECASE)
"""How a workbook writes the ends of lines, tabs and the underscore of such a text."""


class SharedTexts:
    """Texts by their numbers."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._room = HELD
        self._ends = array("q", [0])
        self._file: IO[bytes] | None = None

    @classmethod
    def read(cls, part: Bounded) -> Self:
        """Read the table of a workbook; closing it is the caller's."""
        texts = cls()
        for text in _texts(part):
            texts.add(text)
        return texts

    def add(self, text: str) -> None:
        """Add the text of the next number.

        Raises:
            TooMuch: There are more than `TEXTS_LIMIT`.
        """
        if len(self._held) + len(self._ends) > TEXTS_LIMIT:
            raise TooMuch
        self._room -= len(text)
        if self._room >= 0:
            self._held.append(text)
            return
        if self._file is None:
            # Its system deletes it with the process, should that be killed.
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with the workbook
        written = text.encode("utf-8", "surrogatepass")
        self._file.write(written)
        self._ends.append(self._ends[-1] + len(written))

    def __getitem__(self, number: int) -> str:
        if 0 <= number < len(self._held):
            return self._held[number]
        at = number - len(self._held)
        if self._file is None or at < 0:
            raise IndexError(number)
        start, end = self._ends[at], self._ends[at + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()


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
