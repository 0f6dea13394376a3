"""Files that hold what is known of people: made for their owner alone, whatever the umask says.

One that is there keeps its mode: a person may have meant it. `seen_by_others` is what the doctor names.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

OWNERS = 0o600
"""The mode of a file that its owner alone reads and writes."""

BESIDE = ("", "-wal", "-shm", "-journal", "-passes", "-key")
"""How the names of a SQLite database's files end."""


def for_owner(path: str, flags: int) -> int:
    """Open a file, which is made for its owner alone where it is not there: the `opener` of Python's `open`."""
    return os.open(path, flags, OWNERS)


def make_for_owner(path: str) -> None:
    """Make an empty file where there is none; whoever opens it says what is wrong with the place."""
    with suppress(OSError):
        os.close(os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNERS))


def mode_of(path: str) -> int:
    """Return who may read and write a file; its owner alone where nobody knows."""
    try:
        return stat.S_IMODE(Path(path).stat().st_mode) & 0o666
    except OSError:
        return OWNERS


def seen_by_others(path: str) -> list[str]:
    """Return those files of a SQLite database that everybody on this machine can read."""
    files = (Path(f"{os.path.realpath(path)}{end}") for end in BESIDE)
    return [str(file) for file in files if is_seen_by_others(file)]


def is_seen_by_others(file: Path) -> bool:
    """Return whether everybody on this machine can read a file: it, and every folder above it, lets them."""
    if os.name != "posix":
        return False
    try:
        return bool(file.stat().st_mode & stat.S_IROTH) and all(
            folder.stat().st_mode & stat.S_IXOTH for folder in file.parents
        )
    except OSError:
        return False
