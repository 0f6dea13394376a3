"""What stands between the cells of a text: what makes most of its rows equally wide."""

import csv
import re
from collections import Counter
from collections.abc import Iterable

DELIMITERS = (",", ";", "\t", "|")
"""What may stand between two cells; Excel writes semicolons where the comma is the decimal sign."""

LOOKED_AT = 60
"""How many lines are looked at."""

_SAID = re.compile(r'"?sep=(.)"?[\s,;]*')


def said_delimiter(line: str) -> str | None:
    """Return what the first line that Excel writes for itself, such as ``sep=;``, says; None if it is no such line."""
    said = _SAID.fullmatch(line.rstrip("\r\n"))
    return said[1] if said else None


def find_delimiter(lines: list[str]) -> str:
    """Return what stands between the cells of the first lines of a text; its last row counts where all are given."""
    is_cut = len(lines) > LOOKED_AT
    return max(DELIMITERS, key=lambda delimiter: _fit(_widths(lines, delimiter)[: -1 if is_cut else None]))


def _fit(widths: list[int]) -> tuple[float, int]:
    """Return how many of the rows are of one width, and that width; rows of one cell say nothing."""
    counted = Counter(width for width in widths if width > 1)
    if not counted:
        return 0.0, 0
    width, times = max(counted.items(), key=lambda each: (each[1], each[0]))
    return times / len(widths), width


def _widths(lines: Iterable[str], delimiter: str) -> list[int]:
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if any(row)]
    except csv.Error:
        return []
    return [len(row) for row in rows]
