"""What each column of a lead list means, read from its header row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from dripline.core.leads.intake import NAME_LIMIT, new_lead
from dripline.core.leads.lead import TEXT_FIELDS, LeadInput, NewLead
from dripline.core.leads.trigger import split_triggers
from dripline.errors import (
    InvalidEmail,
    InvalidFile,
    InvalidInput,
    InvalidPhone,
    InvalidTrigger,
    InvalidWindow,
)
from dripline.importing.column_meaning import ERROR_COLUMN, OWN_NAMES, Part, folded
from dripline.importing.known_names import other_columns
from dripline.importing.leads.guessed_columns import country_columns, row_region
from dripline.importing.leads.mapping import ColumnMapping, letters
from dripline.importing.table import NO_VALUE

Cells = tuple[str, ...]

NOTHING = frozenset({"n/a", "na", "n.a.", "-", "--", "none", "null", "nil", "nan", "tiada", "tidak ada"})
"""What people and programs write into a cell that they have nothing for."""

FORMULA_ERRORS = frozenset({
    "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
    NO_VALUE,
})  # fmt: skip
"""What a spreadsheet writes into a cell whose formula failed: never a value."""


STAYS = frozenset({"", "no", "n", "false", "0", "0.0", "f", "tidak", "não", "nao", "否", "لا", "नहीं", *NOTHING})
"""What a column of opt-outs says of people who have not opted out."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which position of a row holds what. `written` are the names as the header has them, `import_error` left out.

    `own` maps what a column may hold of a lead (`Part`) to positions, `attributes` the names of attributes;
    `unnamed` are the positions whose header cell is empty, `left_out` those that nothing is read of, `joined` those of
    a first and a last name that are one, `countries` those that may say where the phone of a row is dialled, `spare`
    those of other phones and addresses, for rows that have none in its own column, `ignored` those in the file that are
    dropped before all others count.
    """

    written: tuple[str, ...]
    own: dict[str, int] = field(kw_only=True, hash=False)
    attributes: dict[str, int] = field(kw_only=True, hash=False)
    unnamed: tuple[int, ...] = field(kw_only=True)
    left_out: frozenset[int] = field(default=frozenset(), kw_only=True)
    joined: tuple[int, ...] = field(default=(), kw_only=True)
    ignored: frozenset[int] = field(kw_only=True)
    countries: tuple[int, ...] = field(default=(), kw_only=True)
    spare: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]], kw_only=True, hash=False)

    def selected(self, cells: Cells) -> Cells:
        """Return the cells of a row without the ignored ones, at least one for each column."""
        return _selected(cells, self.ignored, len(self.written))

    def named(self, position: int) -> str:
        """Return the column's name, or the letter under which the spreadsheet shows it."""
        name = self.written[position].strip() if position < len(self.written) else ""
        return name or letters(position + sum(ignored <= position for ignored in self.ignored))

    @property
    def guessed(self) -> dict[str, tuple[str, ...]]:
        """Which columns are taken for a field of a lead by a name that is not ours, by the field."""
        others = {part: at for part, at in self.own.items() if folded(self.written[at]) not in OWN_NAMES}
        guessed = {part: (self.named(at),) for part, at in others.items()}
        return guessed | ({"name": tuple(map(self.named, self.joined))} if self.joined else {})

    @property
    def renamed(self) -> dict[str, str]:
        """Which columns are attributes of another name, since none can be named as they are, by the attribute."""
        return {name: self.named(at) for name, at in self.attributes.items() if name == f"column_{at + 1}"}

    def unplaced(self, cells: Cells) -> int | None:
        """Return the position of the first value that stands under no name."""
        beyond = range(len(self.written), len(cells))
        return next((position for position in (*self.unnamed, *beyond) if cells[position].strip()), None)

    def lead(self, cells: Cells, *, region: str, triggers: tuple[str, ...], is_known: bool = False) -> NewLead:
        """Return the lead of one row; `triggers` are given to every row. `is_known`: its phone may be merely possible.

        Raises:
            InvalidInput: The row cannot be one.
        """
        own = {name: cells[position] for name, position in self.own.items()}
        if self.joined:
            own["name"] = " ".join(cells[position] for position in self.joined)
        said: dict[str, object] = {name: own[name] for name in TEXT_FIELDS if name in own}
        said["triggers"] = (*split_triggers(own.get("trigger", "")), *triggers)
        said["attributes"] = {name: cells[at] for name, at in self.attributes.items() if cells[at].strip()}
        dialled = row_region(cells, self.countries) or region
        return new_lead(**cast("LeadInput", said), region=dialled, is_known=is_known, is_listed=True)

    def says_opted_out(self, cells: Cells) -> bool:
        """Return whether a row says that nothing is to be sent to its person: by yes, or by when they said so."""
        at = self.own.get(str(Part.OPT_OUT))
        return at is not None and cells[at].strip().casefold() not in STAYS

    def culprit(self, cells: Cells, error: InvalidInput) -> int:
        """Return the position of the column that made `lead` raise `error`."""
        match error:
            case InvalidPhone():
                return self.own["phone"]
            case InvalidEmail():
                return self.own["email"]
            case InvalidTrigger():
                return self.own["trigger"]
            case InvalidWindow():
                return self.own["zone"]
            case _:
                return self._too_long_or_empty(cells)

    def _too_long_or_empty(self, cells: Cells) -> int:
        addresses = [self.own[name] for name in ("phone", "email") if name in self.own]
        if not any(cells[position].strip() for position in addresses):
            return addresses[0]
        if "name" in self.own and len(" ".join(cells[self.own["name"]].split())) > NAME_LIMIT:
            return self.own["name"]
        return max(self.attributes.values(), key=lambda position: len(cells[position].strip()), default=addresses[0])


class Counting:
    """The columns of a header that count: all but `import_error`."""

    def __init__(self, header: Cells) -> None:
        self.names = column_names(header)
        self._ignored = _ignored(header)

    def selected(self, cells: Cells) -> Cells:
        """Return the cells of a row that count, at least one for each column."""
        return _selected(cells, self._ignored, len(self.names))


def read_columns(path: Path, header: Cells, mapping: ColumnMapping, *, trigger_required: bool) -> Columns:
    """Take the columns of the list at `path` for what they are said to be.

    Raises:
        InvalidFile: There is neither a phone nor an email column, no trigger column although one is required, or one
            meaning twice.
    """
    written = column_names(header)
    if len(mapping.meanings) != len(written):
        raise InvalidFile(
            f"{path} has {len(written)} columns, and {len(mapping.meanings)} are spoken of: say of each what it is."
        )
    columns = _columns(path, header, mapping)
    _check_complete(path, columns, trigger_required=trigger_required)
    return columns


def column_names(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the columns that count, as they are written."""
    return tuple(name for name in header if folded(name) != ERROR_COLUMN)


def _columns(path: Path, header: Cells, mapping: ColumnMapping) -> Columns:
    written = column_names(header)
    parts = [(at, meaning) for at, meaning in enumerate(mapping.meanings) if meaning.part is not Part.NOTHING]
    names = tuple(at for at, meaning in parts if meaning.part is Part.NAME)
    joined = names if len(names) > 1 else ()
    own = ((str(meaning.part), at) for at, meaning in parts if not meaning.attribute and at not in joined)
    left_out = frozenset(range(len(written))) - {at for at, _ in parts} - set(mapping.unnamed)
    return Columns(
        written,
        own=_unique(path, written, own),
        attributes=_unique(path, written, ((meaning.attribute, at) for at, meaning in parts if meaning.attribute)),
        unnamed=mapping.unnamed,
        left_out=left_out,
        joined=joined,
        ignored=_ignored(header),
        countries=country_columns(written),
        spare={
            str(part): other_columns(part, {at: written[at] for at, meaning in parts if meaning.attribute})
            for part in (Part.PHONE, Part.EMAIL)
        },
    )


def _selected(cells: Cells, ignored: frozenset[int], width: int) -> Cells:
    if ignored:
        cells = tuple(cell for position, cell in enumerate(cells) if position not in ignored)
    return cells + ("",) * (width - len(cells))


def _ignored(header: tuple[str, ...]) -> frozenset[int]:
    return frozenset(position for position, name in enumerate(header) if folded(name) == ERROR_COLUMN)


def _check_complete(path: Path, columns: Columns, *, trigger_required: bool) -> None:
    if not columns.own.keys() & {"phone", "email"}:
        found = ", ".join(name.strip()[:40] for name in columns.written[:20] if name.strip())
        raise InvalidFile(
            f"{path} has neither a phone nor an email column, only {found}: say which column holds the address "
            '(--map phone="Its name"), or rename it in row 1.'
        )
    if trigger_required and "trigger" not in columns.own:
        raise InvalidFile(
            f"{path} has no trigger column: say which column it is, give all its leads one (--trigger WORD), or only "
            "store them (--without-trigger)."
        )


def _unique(path: Path, written: tuple[str, ...], named: Iterable[tuple[str, int]]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for name, position in named:
        if name in positions:
            first, second = written[positions[name]].strip()[:40], written[position].strip()[:40]
            raise InvalidFile(
                f"{path} has the column {name} twice, as {first!r} and {second!r}: delete or rename one in row 1."
            )
        positions[name] = position
    return positions
