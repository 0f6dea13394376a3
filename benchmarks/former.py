"""The version at d247beb, from before lists, tallies and events: what later ones are held against in the same run.

A copy of that commit is taken from this repository's own history, with an environment of its own that holds what its
lock pins; nothing of either touches dripline's own. Both last as long as the run. Where the history is not there, as in
a shallow clone or an unpacked archive, or its packages cannot be had, its rows are left out, and it is said why.
"""

import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.peers.environments import LeftOut, virtual_environment

COMMIT = "d247beb"

CALLED = f"the version at {COMMIT}"

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Former:
    """An interpreter that imports the former version's `dripline`, and its `benchmarks` as well."""

    interpreter: str


def former(bench: Bench, root: Path = ROOT) -> Former | LeftOut:
    """Return the former version, made when it is first asked for in a run."""
    folder = bench.places.folder / "former"
    folder.mkdir(exist_ok=True)
    bench.tell(f"making room for {CALLED}")
    archive = _archive(root)
    if isinstance(archive, LeftOut):
        return archive
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(folder / "copy", filter="data")
    interpreter = virtual_environment(folder / "venv", folder / "copy" / "requirements" / "runtime.txt")
    if isinstance(interpreter, LeftOut):
        return interpreter
    _import_from(folder / "copy", Path(interpreter).parents[1])
    return Former(interpreter)


def _archive(root: Path) -> bytes | LeftOut:
    """Return the files of the commit."""
    paths = ("src", "benchmarks", "requirements")
    try:
        packed = subprocess.run(
            ["git", "-C", str(root), "archive", "--format=tar", COMMIT, *paths],  # noqa: S607  (the git that there is)
            capture_output=True,
            check=False,
        )
    except OSError:
        return LeftOut("there is no git here")
    return LeftOut("its commit is not in the history that is here") if packed.returncode else packed.stdout


def _import_from(copy: Path, venv: Path) -> None:
    """Let an environment import what is in a copy."""
    packages = next(venv.glob("lib/python*/site-packages"))
    (packages / "former.pth").write_text(f"{copy / 'src'}\n{copy}\n", encoding="utf-8")
