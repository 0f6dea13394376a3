"""Which row names the columns: the first one, unless titles stand above it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from dripline.errors import InvalidFile
from dripline.importing.column_meaning import Part
from dripline.importing.known_names import own_columns
from dripline.importing.table import Row

LOOKED_AT = 40
"""Among how many rows with anything in them the header is looked for."""


_NUMBER = re.compile(r"[+\d(][\d ()./-]+")
_DIGITS = range(9, 16)
"""How many digits a phone has."""


@dataclass(frozen=True, slots=True)
class Header:
    """The row that names the columns; `above` are the rows that were passed over to find it."""

    row: Row
    above: tuple[Row, ...] = field(default=(), kw_only=True)

    @property
    def cells(self) -> tuple[str, ...]:
        """What it says."""
        return self.row.cells

    def is_repeated_by(self, row: Row) -> bool:
        """Whether a row says the same, as the pages of a printed list do."""
        # The first cell that differs is enough, and nearly always the first one.
        pairs = zip(row.cells, self.row.cells, strict=False)
        return len(row.cells) == len(self.row.cells) and all(_folded(one) == _folded(other) for one, other in pairs)

    @property
    def note(self) -> str:
        """What a person should see of it, if anything."""
        if not self.above:
            return ""
        first = next(" ".join(cell.split())[:60] for cell in self.above[0].cells if cell.strip())
        return (
            f"The columns are named in row {self.row.number}; what stands above, such as {first!r} in row "
            f"{self.above[0].number}, is a title and no lead."
        )


def _folded(cell: str) -> str:
    return cell.strip("\ufeff ").casefold()


def find_header(path: Path, filled: Iterator[Row], wanted: int | None = None) -> tuple[Header, Iterator[Row]]:
    """Return the header of a list, and the rows below it.

    `wanted` is the number of the row that a person says it is.

    Raises:
        InvalidFile: There is none, or it cannot be split into cells, or holds a lead.
    """
    if wanted is not None:
        return Header(_whole(path, _wanted(path, filled, wanted))), filled
    rows = list(islice(filled, LOOKED_AT))
    at = header_place(rows) if rows else 0
    row = _whole(path, rows[at] if rows else None)
    _check_names(path, row)
    return Header(row, above=tuple(rows[:at])), chain(rows[at + 1 :], filled)


def first_header(path: Path, filled: Iterator[Row]) -> tuple[str, ...]:
    """Take the first row as the header: a program wrote it, and no title.

    Raises:
        InvalidFile: There is none, or it cannot be split into cells.
    """
    return _whole(path, next(filled, None)).cells


def header_place(rows: list[Row]) -> int:
    """Return which of the first rows is the header.

    It is the first that names an address, and something else besides or is no narrower than all above it; else the
    first one below titles, which have one cell each; else the first.
    """
    named = next((at for at, row in enumerate(rows) if names_address(row) and _stands_out(rows[: at + 1])), None)
    if named is not None:
        return named
    below = next((at for at, row in enumerate(rows) if _width(row) > 1), 0)
    return below if _are_titles(rows[:below]) and all(_width(row) > 1 for row in rows[below : below + 2]) else 0


def names_address(row: Row) -> bool:
    """Whether a row names a column of phones or of e-mail addresses, and holds none."""
    if row.broken or any(map(_is_address, row.cells)):
        return False
    return not {Part.PHONE, Part.EMAIL}.isdisjoint(own_columns(row.cells).values())


def _whole(path: Path, row: Row | None) -> Row:
    if row is None:
        raise InvalidFile(f"{path} holds no rows: write a header row such as name,phone,trigger and one lead a row.")
    if row.broken:
        raise InvalidFile(f"{path} has a header row that cannot be read. {row.broken}")
    return row


def _wanted(path: Path, filled: Iterator[Row], wanted: int) -> Row:
    row = next((row for row in filled if row.number >= wanted), None)
    if row is None or row.number != wanted:
        raise InvalidFile(f"{path} has nothing in row {wanted}: name the row that holds the names of the columns.")
    return row


def _are_titles(rows: list[Row]) -> bool:
    return not any(row.broken or any(map(_is_address, row.cells)) for row in rows)


def _check_names(path: Path, row: Row) -> None:
    """Refuse a list that has no header: its first lead would be lost."""
    address = next((cell.strip() for cell in row.cells if _is_address(cell)), None)
    if address is not None and not own_columns(row.cells):
        raise InvalidFile(
            f"{path} names no columns: row {row.number} holds {address[:40]!r} already. Write a header row such as "
            "name,phone,trigger above it."
        )


def _is_address(cell: str) -> bool:
    """Whether a cell holds a phone or an e-mail address; a day such as 2026-11-01 is none."""
    written = cell.strip()
    if _NUMBER.fullmatch(written):
        return sum(letter.isdigit() for letter in written) in _DIGITS
    return "@" in written[1:] and not any(letter.isspace() for letter in written)


def _width(row: Row) -> int:
    return sum(1 for cell in row.cells if cell.strip())


def _stands_out(rows: list[Row]) -> bool:
    *above, row = rows
    return len(own_columns(row.cells)) > 1 or all(_width(one) <= _width(row) for one in above)
