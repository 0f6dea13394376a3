"""What each column of a lead list means, read from its header row."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dripline.core.attribute import attribute_name
from dripline.core.country import region_named
from dripline.core.intake import NAME_LIMIT, new_lead
from dripline.core.model import NewLead
from dripline.core.trigger import split_triggers
from dripline.errors import (
    InvalidEmail,
    InvalidFile,
    InvalidInput,
    InvalidLead,
    InvalidPhone,
    InvalidTrigger,
    InvalidWindow,
)
from dripline.importing.known_names import names_to_join, own_columns
from dripline.importing.meaning import ERROR_COLUMN, OWN_NAMES, Meanings, Part, folded

COUNTRIES = frozenset({"country", "country_code", "countrycode", "region", "negara", "pais", "país"})
"""The attributes whose column says where the phone of a row is dialled."""

FORMULA_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
"""What a spreadsheet writes into a cell whose formula failed: never a value."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which position of a row holds what. `written` are the names as the header has them, `import_error` left out.

    `own` maps name, phone, email, trigger and zone to positions, `attributes` the names of attributes; `unnamed` are
    the positions whose header cell is empty, `left_out` those that a person left out, `joined` those of a first and a
    last name that are one, `ignored` those in the file that are dropped before all others count.
    """

    written: tuple[str, ...]
    own: dict[str, int] = field(kw_only=True, hash=False)
    attributes: dict[str, int] = field(kw_only=True, hash=False)
    unnamed: tuple[int, ...] = field(kw_only=True)
    left_out: frozenset[int] = field(default=frozenset(), kw_only=True)
    joined: tuple[int, ...] = field(default=(), kw_only=True)
    ignored: frozenset[int] = field(kw_only=True)

    def kept(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """Return the cells of a row without the ignored ones, at least one for each column."""
        if self.ignored:
            cells = tuple(cell for position, cell in enumerate(cells) if position not in self.ignored)
        return cells + ("",) * (len(self.written) - len(cells))

    def named(self, position: int) -> str:
        """Return the column's name, or the letter under which the spreadsheet shows it."""
        name = self.written[position].strip() if position < len(self.written) else ""
        return name or _letters(position + sum(ignored <= position for ignored in self.ignored))

    @property
    def guessed(self) -> dict[str, tuple[str, ...]]:
        """Which columns are taken for a field of a lead by a name that is not ours, by the field."""
        others = {part: at for part, at in self.own.items() if folded(self.written[at]) not in OWN_NAMES}
        guessed = {part: (self.named(at),) for part, at in others.items()}
        return guessed | ({"name": tuple(map(self.named, self.joined))} if self.joined else {})

    def unplaced(self, cells: tuple[str, ...]) -> int | None:
        """Return the position of the first value that stands under no name."""
        beyond = range(len(self.written), len(cells))
        return next((position for position in (*self.unnamed, *beyond) if cells[position].strip()), None)

    def lead(self, cells: tuple[str, ...], *, region: str, triggers: tuple[str, ...]) -> NewLead:
        """Return the lead of one row; `triggers` are given to every row.

        Raises:
            InvalidInput: The row cannot be one.
        """
        own = {name: cells[position] for name, position in self.own.items()}
        if self.joined:
            own["name"] = " ".join(cells[position] for position in self.joined)
        return new_lead(
            phone=own.get("phone"),
            email=own.get("email"),
            name=own.get("name"),
            triggers=(*split_triggers(own.get("trigger", "")), *triggers),
            attributes={name: cells[at] for name, at in self.attributes.items() if cells[at].strip()},
            zone=own.get("zone"),
            region=self._region(cells) or region,
            is_listed=True,
        )

    def _region(self, cells: tuple[str, ...]) -> str | None:
        """Return the country that a row names in a column of its own, which is an attribute as well."""
        named = (cells[at] for name, at in self.attributes.items() if name in COUNTRIES)
        return next((region for cell in named if cell.strip() and (region := region_named(cell))), None)

    def culprit(self, cells: tuple[str, ...], error: InvalidInput) -> int:
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

    def _too_long_or_empty(self, cells: tuple[str, ...]) -> int:
        addresses = [self.own[name] for name in ("phone", "email") if name in self.own]
        if not any(cells[position].strip() for position in addresses):
            return addresses[0]
        if "name" in self.own and len(" ".join(cells[self.own["name"]].split())) > NAME_LIMIT:
            return self.own["name"]
        return max(self.attributes.values(), key=lambda position: len(cells[position].strip()), default=addresses[0])


def read_columns(
    path: Path, header: tuple[str, ...], *, trigger_required: bool, meanings: Meanings | None = None
) -> Columns:
    """Read the header row of the list at `path`, or take its columns for what a person says.

    Raises:
        InvalidFile: It names neither a phone nor an email column, no trigger column although one is required, one
            column twice, or an attribute that cannot be one.
    """
    columns = _by_name(path, header) if meanings is None else _by_choice(path, header, meanings)
    _check_complete(path, columns, trigger_required=trigger_required, is_chosen=meanings is not None)
    return columns


def column_names(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the columns that count, as they are written."""
    return tuple(name for name in header if folded(name) != ERROR_COLUMN)


def _by_name(path: Path, header: tuple[str, ...]) -> Columns:
    written = column_names(header)
    named = [(position, name) for position, name in enumerate(written) if name.strip()]
    own = own_columns(written)
    others = [(at, name) for at, name in named if at not in own]
    return Columns(
        written,
        own=_unique(path, written, ((str(own[at]), at) for at in sorted(own))),
        joined=names_to_join(written),
        attributes=_unique(path, written, ((_attribute(path, name), at) for at, name in others)),
        unnamed=tuple(position for position, name in enumerate(written) if not name.strip()),
        ignored=_ignored(header),
    )


def _by_choice(path: Path, header: tuple[str, ...], meanings: Meanings) -> Columns:
    written = column_names(header)
    if len(meanings) != len(written):
        raise InvalidFile(
            f"{path} has {len(written)} columns, and {len(meanings)} are spoken of: say of each what it is."
        )
    parts = [(at, meaning) for at, meaning in enumerate(meanings) if meaning.part is not Part.NOTHING]
    own = ((str(meaning.part), at) for at, meaning in parts if not meaning.attribute)
    return Columns(
        written,
        own=_unique(path, written, own),
        attributes=_unique(path, written, ((meaning.attribute, at) for at, meaning in parts if meaning.attribute)),
        unnamed=(),
        left_out=frozenset(range(len(written))) - {at for at, _ in parts},
        ignored=_ignored(header),
    )


def _ignored(header: tuple[str, ...]) -> frozenset[int]:
    return frozenset(position for position, name in enumerate(header) if folded(name) == ERROR_COLUMN)


def _check_complete(path: Path, columns: Columns, *, trigger_required: bool, is_chosen: bool) -> None:
    found = ", ".join(name.strip()[:40] for name in columns.written[:20] if name.strip())
    if not columns.own.keys() & {"phone", "email"}:
        remedy = "say which column" if is_chosen else "rename the one that"
        where = "" if is_chosen else " in row 1"
        raise InvalidFile(
            f"{path} has neither a phone nor an email column, only {found}: {remedy} holds the address{where}."
        )
    if trigger_required and "trigger" not in columns.own:
        remedy = (
            "say which column it is, give all its leads one, or only store them without"
            if is_chosen
            else "add one, or pass --trigger WORD to give all its leads that trigger, or --without-trigger to only "
            "store them"
        )
        raise InvalidFile(f"{path} has no trigger column: {remedy}.")


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


def _attribute(path: Path, name: str) -> str:
    try:
        return attribute_name(name)
    except InvalidLead as error:
        raise InvalidFile(f"{path} has a column {name.strip()[:40]!r} in row 1 that cannot be used: {error}") from error


def _letters(position: int) -> str:
    above, last = divmod(position, 26)
    return (_letters(above - 1) if above else "") + chr(ord("A") + last)
