"""The command line as a person uses it: each command in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def commands_in(folder: Path) -> Run:
    """Return what runs a command in a folder, as nobody's settings but those given say."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DRIPLINE_")}
        return subprocess.run(
            [sys.executable, "-m", "dripline", *map(str, arguments)],
            cwd=folder,
            env=clean | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return run


def done_in(folder: Path, *commands: tuple[str, ...]) -> Path:
    """Run commands in a folder, each of which has to go right, and return it: tests begin with copies of it."""
    for command in commands:
        ran = commands_in(folder)(*command)
        assert ran.returncode == 0, ran.stderr
    return folder
