"""``python -m benchmarks``: measure everything, print the table, keep the figures in ``benchmarks/results.json``.

``python -m benchmarks NAME …`` measures only what is named, ``charts`` draws what is kept, without measuring.
``python -m benchmarks due-scan --rows 1e8`` measures the due scan on PostgreSQL at a size that takes hours and most
of a disk. ``--quick`` measures ratios at small sizes, in a minute or two, and holds them against
``benchmarks/ratios.json``; with ``--record`` it writes them there instead.

Exit codes: 0 it went right; 1 a goal is missed, a ratio has fallen too far, or something could not be
measured.
"""

import argparse
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from benchmarks import charts, due_scan, ratios, results, table
from benchmarks.bench import Bench, Measure
from benchmarks.catalogue import MEASUREMENTS
from benchmarks.figure import Figure, Verdict
from benchmarks.places import Places
from benchmarks.ratios import Compared
from benchmarks.stored import NoRoom
from dripline import SystemClock

CHARTS, DUE_SCAN = "charts", "due-scan"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    names: list[str]
    quick: bool = field(kw_only=True)
    record: bool = field(kw_only=True)
    rows: int | None = field(kw_only=True)


def main() -> int:
    """Do what the command line asks for."""
    asked = _asked()
    if asked.names == [CHARTS]:
        charts.draw(results.kept())
        return 0
    with Places() as places, table.telling() as tell:
        bench = Bench(places, tell=tell)
        if asked.quick:
            return _quick(bench, asked)
        return _full(bench, asked)


def _asked() -> Asked:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(MEASUREMENTS)}, or {CHARTS}")
    parser.add_argument("--quick", action="store_true", help="ratios at small sizes")
    parser.add_argument("--record", action="store_true", help="write the ratios of --quick")
    parser.add_argument("--rows", type=_whole, help="of the due scan alone: how many records are stored, such as 1e8")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in MEASUREMENTS and given.names != [CHARTS]]
    if unknown:
        parser.error(f"there is no {unknown[0]}: name {', '.join(MEASUREMENTS)}, or {CHARTS} alone")
    if given.record and not given.quick:
        parser.error("--record goes with --quick")
    if given.rows and (given.names != [DUE_SCAN] or given.quick):
        parser.error(f"--rows goes with {DUE_SCAN} alone")
    return Asked(given.names or [*MEASUREMENTS], quick=given.quick, record=given.record, rows=given.rows)


def _whole(text: str) -> int:
    """Read a number of records, which has at least as many as are due."""
    number = int(float(text))
    if number < due_scan.FULL.stocks[0]:
        raise argparse.ArgumentTypeError(f"at least {due_scan.FULL.stocks[0]:,}")
    return number


def _full(bench: Bench, asked: Asked) -> int:
    on, day = results.machine(), SystemClock().now().date()
    figures: list[Figure] = []
    for name in asked.names:
        measure = partial(due_scan.at, rows=asked.rows) if asked.rows else MEASUREMENTS[name].full
        found = list(_measured(name, measure, bench))
        results.keep((figure for figure in found if figure.value is not None), on, day)
        figures += found
    table.print_figures(figures, on)
    return 1 if any(figure.verdict in (Verdict.MISSED, Verdict.BROKE) for figure in figures) else 0


def _quick(bench: Bench, asked: Asked) -> int:
    on = results.machine()
    compared: list[Compared] = []
    for name in asked.names:
        measure = MEASUREMENTS[name].quick
        if measure is not None:
            compared += _compared(measure, bench, twice=not asked.record)
    if asked.record:
        ratios.record(one.figure for one in compared)
    table.print_ratios(compared, on)
    return 1 if not asked.record and any(one.has_fallen for one in compared) else 0


def _compared(measure: Measure, bench: Bench, *, twice: bool) -> list[Compared]:
    """Measure and compare; what has fallen is measured once more before it counts, since machines hiccup."""
    compared = ratios.compare(measure(bench))
    if twice and any(one.has_fallen for one in compared):
        again = ratios.compare(measure(bench))
        return [max(pair, key=lambda one: one.now) for pair in zip(compared, again, strict=True)]
    return compared


def _measured(name: str, measure: Measure, bench: Bench) -> Iterator[Figure]:
    """Yield the figures of a measurement; one that goes wrong is a row of the table, and the others go on."""
    try:
        yield from measure(bench)
    except NoRoom as refused:
        yield Figure(name, of=name, value=None, unit="", note=str(refused), broke=True)
    except Exception as problem:  # noqa: BLE001  (the edge of the loop over measurements)
        traceback.print_exc()
        yield Figure(name, of=name, value=None, unit="", note=f"it went wrong: {problem}", broke=True)


if __name__ == "__main__":
    sys.exit(main())
