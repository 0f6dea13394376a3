"""One row of a lead list judged: a lead, with notes of what was left out of it, or the cell that is to blame.

A cell that a lead can do without costs only itself: a zone or an e-mail address that cannot be one, a name that says
``N/A``, the error of a formula. What decides where messages go, and which, refuses the row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from dripline.core.leads.lead import NewLead
from dripline.errors import InvalidEmail, InvalidInput, InvalidPhone, InvalidWindow, SeveralPhones
from dripline.importing.leads.columns import FORMULA_ERRORS, NOTHING, Columns
from dripline.importing.leads.guessed_columns import is_email, is_phone, row_region
from dripline.importing.leads.known_before import NOTHING_KNOWN
from dripline.importing.table import NO_VALUE

_UNPLACED = (
    "A value stands in a column without a name: put text that holds a separator into quotation marks, "
    "or name the column in row 1."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be a lead, and the position of the cell that is to blame."""

    at: int
    reason: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Note:
    """What was done about a cell of a row that is a lead all the same, and the cell's position."""

    at: int
    text: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row as a lead. `is_opted_out`: its list says that nothing is to be sent to this person."""

    lead: NewLead
    is_opted_out: bool = field(default=False, kw_only=True)
    notes: tuple[Note, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges rows of one list. `triggers` are given to every row; `has_phone` says whether a lead has a phone."""

    columns: Columns
    region: str = field(kw_only=True)
    triggers: tuple[str, ...] = field(kw_only=True)
    has_phone: Callable[[str], bool] = field(default=NOTHING_KNOWN.has_phone, kw_only=True)

    def judge(self, cells: tuple[str, ...]) -> Judged | Fault:
        """Return the lead of a row's cells, or why they cannot be one."""
        columns = self.columns
        unplaced = columns.unplaced(cells)
        if unplaced is not None:
            return Fault(unplaced, reason=_UNPLACED)
        corrected, notes = list(cells), list[Note]()
        for note in _saying_nothing(cells, columns):
            corrected[note.at] = ""
            notes.append(note)
        notes += _fill(corrected, columns, row_region(cells, columns.countries) or self.region)
        while True:
            try:
                lead = self._lead(tuple(corrected))
            except SeveralPhones as error:
                at = columns.own["phone"]
                notes.append(Note(at, text=f"It holds several numbers: the first, {error.first.strip()}, is taken."))
                corrected[at] = error.first
            except InvalidInput as error:
                at = columns.culprit(tuple(corrected), error)
                if not _can_do_without(tuple(corrected), columns, error):
                    return Fault(at, reason=_reason(at, cells, notes, error))
                notes.append(Note(at, text=f"Left out. {error}"))
                corrected[at] = ""
            else:
                return Judged(lead, is_opted_out=columns.says_opted_out(cells), notes=tuple(notes))

    def _lead(self, cells: tuple[str, ...]) -> NewLead:
        """Return a lead. Of somebody who is there already it is no question whether their number is given out."""
        try:
            return self.columns.lead(cells, region=self.region, triggers=self.triggers)
        except SeveralPhones:
            raise
        except InvalidPhone:
            lead = self.columns.lead(cells, region=self.region, triggers=self.triggers, is_known=True)
            if lead.phone is None or not self.has_phone(lead.phone):
                raise
            return lead


def _fill(corrected: list[str], columns: Columns, region: str) -> list[Note]:
    """Fill an address that is empty from another column of such ones, and return what was done."""
    notes: list[Note] = []
    holds: dict[str, Callable[[str], bool]] = {"phone": partial(is_phone, region=region), "email": is_email}
    for part, others in columns.spare.items():
        at = columns.own.get(part)
        if at is None or corrected[at].strip():
            continue
        filled = [other for other in others if corrected[other].strip()]
        other = next((at for at in filled if holds[part](corrected[at])), None)
        if other is not None:
            corrected[at] = corrected[other]
            notes.append(Note(other, text=f"It is taken as the {part}, since {columns.named(at)!r} is empty."))
    return notes


def _saying_nothing(cells: tuple[str, ...], columns: Columns) -> Iterator[Note]:
    """Yield a note for each cell of a lead's own field, or of a formula, that says only that there is nothing."""
    own = set(columns.own.values()) | set(columns.joined)
    for at, cell in enumerate(cells):
        if at in columns.left_out:
            continue
        if cell in FORMULA_ERRORS:
            yield Note(at, text=f"Left out. It holds {_of_formula(cell)}")
        elif at in own and cell.strip().casefold() in NOTHING:
            yield Note(at, text="Left out. It says that there is none.")


def _can_do_without(cells: tuple[str, ...], columns: Columns, error: InvalidInput) -> bool:
    match error:
        case InvalidWindow():
            return True
        case InvalidEmail():
            return "phone" in columns.own and bool(cells[columns.own["phone"]].strip())
        case _:
            return False


def _reason(at: int, cells: tuple[str, ...], notes: list[Note], error: InvalidInput) -> str:
    """Return what is wrong with a cell: what was left out of it counts, where it was left out before."""
    if cells[at] in FORMULA_ERRORS and any(note.at == at for note in notes):
        return f"The cell holds {_of_formula(cells[at])}"
    return str(error)


def _of_formula(cell: str) -> str:
    if cell == NO_VALUE:
        return "a formula whose value is not in the file: open it in Excel, save it, and import it again."
    return "the error of a formula: correct the formula or empty the cell."
