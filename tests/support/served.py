"""A database served over real HTTP, in a process of its own, as `dripline serve` does it."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from support.real_time import eventually


@contextmanager
def served(database: str, log: Path) -> Generator[str]:
    """Serve a database on a free port; yields the address. What the server logs goes into a file."""
    command = [sys.executable, "-m", "dripline", "serve", "--db", database, "--port", "0"]
    with log.open("wb") as written, subprocess.Popen(command, stderr=written) as server:
        try:
            eventually(lambda: bool(_address(log)))
            yield _address(log)
        finally:
            server.terminate()


def _address(log: Path) -> str:
    seen = next((line for line in log.read_text().splitlines() if "serving url=http://" in line), "")
    return seen.rpartition("url=")[2]
