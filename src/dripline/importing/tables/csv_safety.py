"""Cells that a spreadsheet may open: none of them is taken for a formula, whoever wrote it."""

import csv
import re
from collections.abc import Iterable
from io import StringIO

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that is read as a formula, in full width as well (OWASP, CSV Injection)."""

_PHONE = re.compile(r"\+\d[\d ()-]{5,20}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")
_GUARDED = re.compile(rf"'+[{re.escape(''.join(_STARTS_FORMULA))}]")


def safe(cell: str) -> str:
    """Return a cell that is safe to open: what begins a formula has a quotation mark before it, but no number.

    So has what would be taken for such a cell when it is read: `plain` gives every cell back as it was.
    """
    if _GUARDED.match(cell):
        return f"'{cell}"
    if not cell.startswith(_STARTS_FORMULA) or _PHONE.fullmatch(cell) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


def plain(cell: str) -> str:
    """Return what a cell said before it was made safe, by us or by another program that does so."""
    return cell[1:] if _GUARDED.match(cell) else cell


def csv_line(cells: Iterable[str]) -> str:
    """Return cells as a line of a CSV file that is safe to open."""
    line = StringIO()
    csv.writer(line).writerow([safe(cell) for cell in cells])
    return line.getvalue()
