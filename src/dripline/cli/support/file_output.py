"""Lines of a file that a spreadsheet opens, or that are printed."""

import sys
from collections.abc import Iterable
from pathlib import Path

from dripline.errors import InvalidFile
from dripline.private_files import make_for_owner


def write_lines(lines: Iterable[str], out: Path | None) -> int:
    """Write lines to a file, or print them; returns how many.

    Raises:
        InvalidFile: The file cannot be written.
    """
    if out is None:
        return sum(1 for line in lines if sys.stdout.write(line))
    try:
        # With a mark at the front, by which Excel knows UTF-8.
        make_for_owner(str(out))
        with out.open("w", encoding="utf-8-sig", newline="") as stream:
            return sum(1 for line in lines if stream.write(line))
    except OSError as error:
        raise InvalidFile(f"{out} cannot be written ({error.strerror}): name another file.") from error
