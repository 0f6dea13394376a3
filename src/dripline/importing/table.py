"""Rows of text cells, whatever kind of file they come from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dripline.errors import InvalidFile
from dripline.importing.reading import ReadAs

NO_VALUE = "#NO VALUE"
"""What stands in a cell for a formula whose value the file does not hold."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the spreadsheet numbers it. `broken` says why it could not be split into cells, if it could not."""

    number: int
    cells: tuple[str, ...] = field(kw_only=True)
    broken: str = field(default="", kw_only=True)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in it."""
        return not any(cell.strip() for cell in self.cells)


class Table(Protocol):
    """A file opened for one reading, from its first row to its last.

    Every problem of the file itself is raised as `InvalidFile`, from opening on.
    """

    @property
    def delimiter(self) -> str:
        """What stands between two cells, where the file is text; a comma elsewhere."""
        ...

    @property
    def progress(self) -> float:
        """How much has been read, from 0 to 1."""
        ...

    @property
    def read_as(self) -> ReadAs:
        """How the file is read, as it was said or found out."""
        ...

    def rows(self) -> Iterator[Row]:
        """Yield every row, blank ones included."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


def check_is_file(path: Path) -> None:
    """Refuse a path at which no file with content stands.

    Raises:
        InvalidFile: It is missing, a folder, a device, or empty.
    """
    try:
        if not path.exists():
            raise InvalidFile(f"{path} does not exist: check the name and the folder.")
        if not path.is_file():
            raise InvalidFile(f"{path} is not a file: name the file itself.")
        if path.stat().st_size == 0:
            raise InvalidFile(f"{path} is empty: save it again with its content.")
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> InvalidFile:
    """Return the error for a file that the system does not let us read."""
    if isinstance(error, InvalidFile):
        return error
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return InvalidFile(f"{path} cannot be read ({reason}): check that it is there and that you may read it.")
