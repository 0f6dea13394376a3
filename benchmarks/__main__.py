"""``python -m benchmarks``: measure, print a table, and keep the figures in ``benchmarks/results.json``."""

import json
import platform
import sqlite3
import sys
from pathlib import Path

from benchmarks import enrollment
from benchmarks.places import KINDS, place

GOAL = 0.5
"""Enrollment is within 2 × of the bare INSERT … SELECT."""


def main() -> int:
    """Run everything; exit 1 if a ratio misses its goal."""
    print(f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(f"enrollment, {enrollment.LEADS:,} leads × 4 steps, median of {enrollment.ROUNDS} rounds")
    print(f"{'database':12} {'dripline rows/s':>16} {'bare SQL rows/s':>16} {'ratio':>7}   goal ≥ {GOAL}")
    figures: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        with place(kind) as url:
            figures[kind] = found = enrollment.measure(url)
        ours, theirs, ratio = found.values()
        print(f"{kind:12} {ours:16,.0f} {theirs:16,.0f} {ratio:7.2f}   {'met' if ratio >= GOAL else 'MISSED'}")
    Path(__file__).with_name("results.json").write_text(json.dumps({"enrollment": figures}, indent=2) + "\n")
    return 0 if all(found["ratio"] >= GOAL for found in figures.values()) else 1


sys.exit(main())
