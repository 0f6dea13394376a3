"""Where peers run: a virtual environment and a node folder, made on demand from pinned, hashed locks.

Nothing of them is installed into dripline's own environment. A folder that was made before is used again while its
lock is the same. What cannot be made is no error: its peers are left out, and it is said why.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).parent
PYTHON_LOCK = HERE.parents[1] / "requirements" / "peers.txt"
NODE = HERE / "node"
INSTALLING = timedelta(minutes=10)
"""More than any of the installations needs, with nothing cached."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A peer is not measured; why, in one line."""

    why: str


@dataclass(frozen=True, slots=True)
class Environment:
    """What runs a peer's program: an interpreter, and the folder with the programs."""

    interpreter: str
    programs: Path


def python_environment(folder: Path) -> Environment | LeftOut:
    """Return a virtual environment with the Python peers."""
    made = virtual_environment(folder / "venv", PYTHON_LOCK)
    return made if isinstance(made, LeftOut) else Environment(made, HERE)


def virtual_environment(venv: Path, lock: Path) -> str | LeftOut:
    """Make a virtual environment of what a lock pins, unless it is there already, and return its interpreter."""
    interpreter, made = venv / "bin" / "python", venv / lock.name
    if not made.is_file() or made.read_bytes() != lock.read_bytes():
        pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--require-hashes"]
        failed = _failure([sys.executable, "-m", "venv", "--clear", str(venv)]) or _failure(
            [*pip, "--requirement", str(lock)]
        )
        if failed:
            return LeftOut(f"its environment could not be made: {failed}")
        shutil.copyfile(lock, made)
    return str(interpreter)


def node_environment(folder: Path) -> Environment | LeftOut:
    """Return a copy of the node folder with its packages installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return LeftOut("node and npm are not installed")
    copy = folder / "node"
    lock, made = NODE / "package-lock.json", copy / "made.json"
    shutil.copytree(NODE, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    if not made.is_file() or made.read_bytes() != lock.read_bytes():
        failed = _failure([npm, "ci", "--prefix", str(copy), "--ignore-scripts", "--no-audit", "--no-fund"])
        if failed:
            return LeftOut(f"its packages could not be installed: {failed}")
        shutil.copyfile(lock, made)
    return Environment(node, copy)


def last_word(printed: str) -> str:
    """Return the line of an output that says best what went wrong."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()] or ["it said nothing"]
    return next((line for line in reversed(lines) if "error" in line.lower()), lines[-1])


def _failure(command: list[str]) -> str:
    """Run a command; return why it failed, or nothing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALLING.total_seconds())
    except subprocess.TimeoutExpired:
        return f"not done after {INSTALLING}"
    return last_word(done.stderr or done.stdout) if done.returncode else ""
