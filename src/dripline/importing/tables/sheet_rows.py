"""The rows of a sheet, each cell as the text that a person sees, read one by one.

What is written for dates and times is read by openpyxl. The rest is done here, since a list may have nine million
cells, and so is what it leaves out: rows that are hidden, formulas without a value, and numbers as they are shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl.styles import numbers
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import datetime as calendar
from openpyxl.utils.cell import column_index_from_string
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from dripline.importing.table import NO_VALUE
from dripline.importing.tables.number_format import shown
from dripline.importing.tables.shared_texts import SharedTexts, text_of
from dripline.importing.tables.zip_guard import Bounded

_ROW, _CELL, _VALUE, _FORMULA, _TEXT = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("row", "c", "v", "f", "is"))
_OWN_FORMAT, _CELL_STYLES = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("numFmt", "cellXfs"))
_DIGITS = "0123456789"

_calendar: Any = calendar  # which says nothing of its kinds, nor does the other
_numbers: Any = numbers


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row: the texts of its filled cells by the numbers of their columns, from 1 on."""

    number: int
    cells: dict[int, str] = field(kw_only=True)
    is_hidden: bool = field(kw_only=True)


class Styles:
    """What a workbook says of how its numbers are shown, by the number of a style.

    Fonts, fills and borders are passed over: nothing of them is needed, and openpyxl refuses those of other programs.
    """

    def __init__(self, epoch: datetime, part: Bounded | None = None) -> None:
        self._epoch = epoch
        of_styles, own = ([0], dict[int, str]()) if part is None else _read_styles(part)
        codes = [own.get(number) or BUILTIN_FORMATS.get(number, "General") for number in of_styles]
        self._dates = {style for style, code in enumerate(codes) if _numbers.is_date_format(code)}
        self._spans = {style for style in self._dates if _numbers.is_timedelta_format(codes[style])}
        self._codes = [None if code in {"General", "@"} else code for code in codes]

    def text(self, written: str, style: int) -> str:
        """Return a number as a person sees it, a date as 2026-01-31."""
        number = float(written) if any(sign in written for sign in ".eE") else int(written)
        if style in self._dates:
            return self._calendar(number, style)
        code = self._codes[style] if style < len(self._codes) else None
        return (shown(number, code) if code is not None else None) or as_text(number)

    def _calendar(self, number: float, style: int) -> str:
        try:
            return as_text(_calendar.from_excel(number, self._epoch, timedelta=style in self._spans))
        except (OverflowError, ValueError):
            return "#VALUE!"


def read_rows(part: Bounded, texts: SharedTexts, styles: Styles) -> Iterator[SheetRow]:
    """Yield the rows of a sheet."""
    number = 0
    above: list[Element] = []
    for event, element in iterparse(part, events=("start", "end")):
        if event == "start":
            above.append(element)
            continue
        above.pop()
        if element.tag == _ROW:
            number = int(float(element.get("r", number + 1)))
            cells = dict(_cells(element, texts, styles))
            part.forget()
            yield SheetRow(number, cells=cells, is_hidden=element.get("hidden") in {"1", "true"})
            above[-1].clear()


def as_text(value: object) -> str:
    """Return a number or an instant as a person would type it: whole numbers in full digits, dates as 2026-01-31."""
    match value:
        case float() if value.is_integer():
            return str(int(value))
        case float():
            return f"{value:.15g}"  # a spreadsheet keeps no more digits, and its file shows what is left of others
        case datetime() if value.time() != time():
            return value.isoformat(sep=" ")
        case datetime():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _read_styles(part: Bounded) -> tuple[list[int], dict[int, str]]:
    """Return the number of its format for each style of cells, and the formats that are the workbook's own."""
    of_styles: list[int] = []
    own: dict[int, str] = {}
    for _, element in iterparse(part):
        if element.tag == _OWN_FORMAT:
            own[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
        elif element.tag == _CELL_STYLES:
            of_styles = [int(style.get("numFmtId", "0")) for style in element]
    return of_styles, own


def _cells(row: Element, texts: SharedTexts, styles: Styles) -> Iterator[tuple[int, str]]:
    column = 0
    for cell in row:
        if cell.tag != _CELL:
            continue
        place = cell.get("r")
        column = _column(place.rstrip(_DIGITS)) if place else column + 1
        text = _text(cell, texts, styles)
        if text:
            yield column, text


def _text(cell: Element, texts: SharedTexts, styles: Styles) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(_TEXT)
        return "" if inline is None else text_of(inline)
    written = cell.findtext(_VALUE)
    if written:
        return _written(written, kind, cell, texts, styles)
    # The value of a formula may be an empty text, but then the cell says that it is a text.
    return NO_VALUE if kind != "str" and cell.find(_FORMULA) is not None else ""


def _written(written: str, kind: str, cell: Element, texts: SharedTexts, styles: Styles) -> str:
    match kind:
        case "s":
            return texts[int(written)]
        case "n":
            return styles.text(written, int(cell.get("s", "0")))
        case "b":
            return str(written.strip() in {"1", "true"}).upper()
        case "d":
            return as_text(_calendar.from_ISO8601(written))
        case _:
            return written


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    return column_index_from_string(letters)
