"""What each column of a list is taken for: what a person says, else its name, else what its cells look like."""

import string
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from dripline.core.leads.attribute import attribute_name
from dripline.errors import InvalidFile, InvalidLead
from dripline.importing.column_meaning import LEFT_OUT, ColumnMeaning, Meanings, Part, folded
from dripline.importing.known_names import own_columns
from dripline.importing.leads.guessed_columns import by_looks, counts_rows

Choice = tuple[ColumnMeaning, str]
"""What a person takes one column for, and its name, or its letter where it has none."""

Cells = tuple[str, ...]


def read_choice(written: str) -> Choice:
    """Read ``phone=No. Telefon``, ``attribute niche=Minat`` or ``leave out=Notes``.

    Raises:
        InvalidFile: It is no such choice.
        InvalidLead: The attribute cannot be named so.
    """
    what, is_one, column = written.partition("=")
    if not is_one or not column.strip():
        raise InvalidFile(f"{written[:40]!r} says nothing of a column: write what it is, and its name, phone=Telefon.")
    return ColumnMeaning.read(what), column.strip()


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What each column is taken for. `unnamed` have no name, and nothing says what they are."""

    meanings: Meanings
    unnamed: tuple[int, ...] = field(default=(), kw_only=True)


def read_mapping(
    path: Path, names: Cells, choices: Listing[Choice], rows: Listing[Cells], *, region: str
) -> ColumnMapping:
    """Return what each column is taken for. `rows` are some of the list's, with a cell for each column.

    Raises:
        InvalidFile: A choice names no column, or nobody can tell which one holds the phone.
    """
    chosen = _chosen(path, names, choices)
    own = own_columns(names, chosen)
    for part, columns in by_looks(names, own, chosen, rows, region).items():
        if len(columns) > 1:
            raise InvalidFile(_which(path, part, [names[at] or letters(at) for at in columns]))
        own[columns[0]] = part
    meanings = tuple(chosen.get(at) or _meaning(at, name, own.get(at)) for at, name in enumerate(names))
    blank = [at for at, name in enumerate(names) if not name.strip() and meanings[at] == LEFT_OUT and at not in chosen]
    return ColumnMapping(meanings, unnamed=tuple(at for at in blank if not counts_rows(rows, at)))


def guess(names: Cells, rows: Listing[Cells], *, region: str) -> Meanings:
    """Return what the importer takes columns for; what has no name, or is there already, is left out."""
    own = own_columns(names)
    own.update({columns[0]: part for part, columns in by_looks(names, own, {}, rows, region).items()})
    found: list[ColumnMeaning] = []
    for at, name in enumerate(names):
        meaning = _meaning(at, name, own.get(at))
        found.append(LEFT_OUT if meaning in found and meaning.part is not Part.NAME else meaning)
    return tuple(found)


def letters(position: int) -> str:
    """Return the letters under which a spreadsheet shows a column."""
    above, last = divmod(position, 26)
    return (letters(above - 1) if above else "") + string.ascii_uppercase[last]


def _chosen(path: Path, names: Cells, choices: Listing[Choice]) -> dict[int, ColumnMeaning]:
    chosen: dict[int, ColumnMeaning] = {}
    for meaning, column in choices:
        at = _position(path, names, column)
        if at in chosen:
            raise InvalidFile(f"The column {column!r} is said to be {chosen[at]} and {meaning}: say one of them.")
        chosen[at] = meaning
    return chosen


def _position(path: Path, names: Cells, column: str) -> int:
    """Return where the column of a name is, or of a letter."""
    by_name = [at for at, name in enumerate(names) if folded(name) == folded(column)]
    if len(by_name) > 1:
        raise InvalidFile(f"{path} has {len(by_name)} columns {column!r}: name the one that is meant by its letter.")
    by_letter = [at for at in range(len(names)) if letters(at) == column.upper()]
    for found in (by_name, by_letter):
        if found:
            return found[0]
    named = [name.strip() for name in names if name.strip()]
    close = get_close_matches(column, named, n=1)
    instead = f"is {close[0]!r} meant" if close else f"there are {', '.join(name[:40] for name in named[:20])}"
    raise InvalidFile(f"{path} has no column {column[:40]!r}: {instead}{'?' if close else '.'}")


def attribute_at(at: int, name: str) -> ColumnMeaning:
    """Return a column as an attribute of its own name, or of its place where no attribute can be named so."""
    try:
        return ColumnMeaning(Part.ATTRIBUTE, attribute=attribute_name(name))
    except InvalidLead:
        return ColumnMeaning(Part.ATTRIBUTE, attribute=f"column_{at + 1}")


def _meaning(at: int, name: str, part: Part | None) -> ColumnMeaning:
    if part is not None:
        return ColumnMeaning(part)
    return attribute_at(at, name) if name.strip() else LEFT_OUT


def _which(path: Path, part: Part, columns: list[str]) -> str:
    named = " and ".join(repr(" ".join(column.split())[:40]) for column in columns)
    return (
        f"{path} has several columns that look like the {part}: {named}. Say which one it is, such as "
        f'--map {part}="{" ".join(columns[0].split())}".'
    )
