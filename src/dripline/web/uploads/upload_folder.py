"""The folder in which lists wait: one process's, for its user alone, and gone with it.

A process that is killed cannot clean up. The next one does: a folder whose lock nobody holds is nobody's any more.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

BEGINS = "dripline-lists-"

_ALIVE = "alive"
"""The file that is locked as long as the process lives whose folder it is."""


class WaitingFolder:
    """A folder under the system's temporary one, newly made; those that killed processes left behind are deleted."""

    def __init__(self) -> None:
        _let_left_behind_go()
        self.path = Path(tempfile.mkdtemp(prefix=BEGINS))
        self._descriptor: int | None = None
        if os.name != "posix":
            return  # an open file can neither be renamed nor deleted there, and nobody looks for what was left behind
        # Locked before it has its name: whoever sees it there sees it locked.
        self._descriptor = os.open(self.path / "new", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        _lock(self._descriptor)
        (self.path / "new").rename(self.path / _ALIVE)

    def close(self) -> None:
        """Delete it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._descriptor is not None:
            os.close(self._descriptor)


def _let_left_behind_go() -> None:
    if os.name != "posix":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{BEGINS}*"):
        with suppress(OSError):
            if not folder.is_symlink() and folder.stat().st_uid == os.getuid() and _is_left_behind(folder):
                shutil.rmtree(folder)


def _is_left_behind(folder: Path) -> bool:
    descriptor = os.open(folder / _ALIVE, os.O_RDWR)
    try:
        return _lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a file until its process ends; False where another one has it, or where there are no such locks."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
