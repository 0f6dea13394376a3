"""What each column of a lead list means, read from its header row."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dripline.core.intake import ATTRIBUTE_LIMIT, NAME_LIMIT, attribute_name, new_lead
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

ERROR_COLUMN = "import_error"
"""The column that a file of refused rows adds, and that is ignored when it comes back."""

FORMULA_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
"""What a spreadsheet writes into a cell whose formula failed: never a value."""

_OWN = {
    "name": "name",
    "phone": "phone",
    "email": "email",
    "e-mail": "email",
    "trigger": "trigger",
    "triggers": "trigger",
    "zone": "zone",
    "time zone": "zone",
    "timezone": "zone",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which position of a row holds what. `written` are the names as the header has them, `import_error` left out.

    `own` maps name, phone, email, trigger and zone to positions, `attributes` the names of attributes; `unnamed` are
    the positions whose header cell is empty, `ignored` those in the file that are dropped before all others count.
    """

    written: tuple[str, ...]
    own: dict[str, int] = field(kw_only=True, hash=False)
    attributes: dict[str, int] = field(kw_only=True, hash=False)
    unnamed: tuple[int, ...] = field(kw_only=True)
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
        return new_lead(
            phone=own.get("phone"),
            email=own.get("email"),
            name=own.get("name"),
            triggers=(*split_triggers(own.get("trigger", "")), *triggers),
            attributes={name: cells[position] for name, position in self.attributes.items()},
            zone=own.get("zone"),
            region=region,
        )

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
        return max(self.attributes.values(), key=lambda position: len(cells[position].strip()))


def read_columns(path: Path, header: tuple[str, ...], *, trigger_required: bool) -> Columns:
    """Read the header row of the list at `path`.

    Raises:
        InvalidFile: It names neither a phone nor an email column, no trigger column although one is required, one
            column twice, or an attribute that cannot be one.
    """
    ignored = frozenset(position for position, name in enumerate(header) if _folded(name) == ERROR_COLUMN)
    written = tuple(name for position, name in enumerate(header) if position not in ignored)
    named = [(position, name) for position, name in enumerate(written) if name.strip()]
    own = _unique(path, written, ((_OWN[_folded(name)], at) for at, name in named if _folded(name) in _OWN))
    others = [(at, name) for at, name in named if _folded(name) not in _OWN]
    attributes = _unique(path, written, ((_attribute(path, name), at) for at, name in others))
    columns = Columns(
        written,
        own=own,
        attributes=attributes,
        unnamed=tuple(position for position, name in enumerate(written) if not name.strip()),
        ignored=ignored,
    )
    _check_complete(path, columns, trigger_required=trigger_required)
    return columns


def _check_complete(path: Path, columns: Columns, *, trigger_required: bool) -> None:
    found = ", ".join(name.strip()[:40] for name in columns.written[:20] if name.strip())
    if not columns.own.keys() & {"phone", "email"}:
        raise InvalidFile(
            f"{path} has neither a phone nor an email column, only {found}: "
            "rename the one that holds the address in row 1."
        )
    if trigger_required and "trigger" not in columns.own:
        raise InvalidFile(
            f"{path} has no trigger column: add one, or pass --trigger WORD to give all its leads that trigger, "
            "or --without-trigger to only store them."
        )
    if len(columns.attributes) > ATTRIBUTE_LIMIT:
        raise InvalidFile(f"{path} has more than {ATTRIBUTE_LIMIT} columns of attributes: delete some.")


def _unique(path: Path, written: tuple[str, ...], named: Iterator[tuple[str, int]]) -> dict[str, int]:
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


def _folded(name: str) -> str:
    return name.strip().casefold()


def _letters(position: int) -> str:
    above, last = divmod(position, 26)
    return (_letters(above - 1) if above else "") + chr(ord("A") + last)
