"""A row of a lead list that cannot be a lead."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be a lead: which cell is to blame, and one sentence that says why and what to do.

    `column` is the cell's column as the header names it, or its letter where the header has no name for it.
    """

    number: int
    cells: tuple[str, ...] = field(kw_only=True)
    column: str = field(kw_only=True)
    value: str = field(kw_only=True)
    reason: str = field(kw_only=True)
