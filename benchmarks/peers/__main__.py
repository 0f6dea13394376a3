"""``python -m benchmarks.peers``: all peers on a PostgreSQL server of our own, and a table."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.peers import measure_all
from benchmarks.places import place


def main() -> int:
    """Run all peers; exit 1 if there was none."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000, help="each with a chain of 4 steps")
    contacts: int = parser.parse_args().contacts
    with tempfile.TemporaryDirectory(prefix="dripline-peers-") as folder, place("postgresql") as url:
        figures, left_out = measure_all(url, Path(folder), contacts)
    print(f"{contacts:,} contacts × 4 steps")
    print(f"{'peer':16} {'enroll, rows/s':>15} {'process, steps/s':>17}")
    for name, rates in figures.items():
        print(f"{name:16} {rates.enroll_rows_per_second:15,.0f} {rates.process_steps_per_second:17,.0f}")
    for name, why in left_out.items():
        print(f"{name:16} left out: {why}")
    return 0 if figures else 1


if __name__ == "__main__":
    sys.exit(main())
