"""Columns known by what their cells look like, where no name says what they are."""

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Listing

from dripline.core.leads.address import normalize_email
from dripline.core.leads.country import region_named
from dripline.core.leads.phone import normalize_phone
from dripline.errors import InvalidInput, SeveralPhones
from dripline.importing.column_meaning import ColumnMeaning, Part
from dripline.importing.known_names import COUNTRY, plain

SHARE = 0.9
"""How many of a column's cells are phones, or addresses, in a column of these."""

OTHER_NUMBERS = frozenset({"id", "fax", "ic", "nric", "no ic", "postcode", "zip", "order", "order id", "invoice"})
"""The names of columns whose digits are no phones, however much they look like some."""

Cells = tuple[str, ...]


def by_looks(
    names: Cells, own: Mapping[int, Part], chosen: Mapping[int, ColumnMeaning], rows: Listing[Cells], region: str
) -> dict[Part, list[int]]:
    """Return the columns that look like the phone and the e-mail address, where no column is known to be that.

    `rows` have a cell for each column; `region` is where a phone without its country is dialled, if its row names none.
    """
    known = {*own.values(), *(meaning.part for meaning in chosen.values())}
    free = [at for at in range(len(names)) if at not in own and at not in chosen]
    countries = country_columns(names)
    regions = [row_region(cells, countries) or region for cells in rows]
    looks: dict[Part, list[int]] = {}
    if Part.PHONE not in known:
        numbers = [at for at in free if plain(names[at]) not in OTHER_NUMBERS and not plain(names[at]).endswith(" id")]
        looks[Part.PHONE] = [
            at for at in numbers if _holds_mostly(rows, at, lambda row, cell: is_phone(cell, regions[row]))
        ]
    if Part.EMAIL not in known:
        looks[Part.EMAIL] = [at for at in free if _holds_mostly(rows, at, lambda _, cell: is_email(cell))]
    return {part: columns for part, columns in looks.items() if columns}


def country_columns(names: Cells) -> tuple[int, ...]:
    """Return the columns that may say in which country the phone of a row is dialled."""
    return tuple(at for at, name in enumerate(names) if plain(name) in COUNTRY)


def row_region(cells: Cells, countries: tuple[int, ...]) -> str | None:
    """Return the country that a row names in one of these columns."""
    named = (cells[at] for at in countries)
    return next((region for cell in named if cell.strip() and (region := region_named(cell))), None)


def counts_rows(rows: Listing[Cells], at: int) -> bool:
    """Return whether a column only numbers the rows, from 0 or 1, as programs write it before the others."""
    cells = [cells[at].strip().removesuffix(".0") for cells in rows]
    return cells in ([*map(str, range(len(cells)))], [*map(str, range(1, len(cells) + 1))])


def _holds_mostly(rows: Listing[Cells], at: int, is_one: Callable[[int, str], bool]) -> bool:
    answers = [is_one(row, cells[at]) for row, cells in enumerate(rows) if cells[at].strip()]
    return bool(answers) and sum(answers) >= SHARE * len(answers)


def is_phone(cell: str, region: str) -> bool:
    """Return whether a cell holds a phone, or several, that are given out where it is dialled."""
    try:
        normalize_phone(cell, region, is_listed=True)
    except SeveralPhones:
        return True
    except InvalidInput:
        return False
    return True


def is_email(cell: str) -> bool:
    """Return whether a cell holds an e-mail address."""
    try:
        normalize_email(cell)
    except InvalidInput:
        return False
    return True
