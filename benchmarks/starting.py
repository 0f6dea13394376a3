"""Starting: how long `dripline --version` and `dripline tick` take, from the shell's view, once files are in memory.

Whole processes, from their start to their end; medians of 7 runs after one that is thrown away. `tick` works on a
SQLite file: once made and empty, once not there yet, where it makes all tables first. Beside each stands a Python that
does nothing.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figure import TIMES, AtMost, Figure, Part
from benchmarks.places import path_of
from benchmarks.watched import DRIPLINE, seconds_of

RUNS = 7

IMPORTING = (sys.executable, "-c", "import asyncio, json, logging, sqlite3")
"""What the quick run holds the commands against: longer than the start of a bare Python, and so steadier."""


def full(bench: Bench) -> Iterator[Figure]:
    """Measure each command."""
    bench.tell("starting")
    python = Part("python -c pass", _seconds(lambda: (sys.executable, "-c", "pass")), "s")
    with bench.places.new("sqlite") as url:
        path = Path(path_of(url))
        version, tick = (*DRIPLINE, "--version"), (*DRIPLINE, "tick", "--create", "--db", str(path))

        def without_database() -> tuple[str, ...]:
            path.unlink(missing_ok=True)
            return tick

        yield _figure("version", "start of dripline --version", lambda: version, AtMost(0.3), python)
        yield _figure("first_tick", "dripline tick, database not there yet", without_database, None, python)
        yield _figure("tick", "dripline tick, empty database", lambda: tick, AtMost(0.8), python)


def quick(bench: Bench) -> Iterator[Figure]:
    """Measure how many times the start of a Python that imports a little the commands take, the two taking turns."""
    bench.tell("starting")
    with bench.places.new("sqlite") as url:
        commands = {"version": (*DRIPLINE, "--version"), "tick": (*DRIPLINE, "tick", "--create", "--db", path_of(url))}
        for name, command in commands.items():
            pairs = [(seconds_of(*command), seconds_of(*IMPORTING)) for _ in range(RUNS + 1)][1:]
            yield Figure(
                f"starting.{name}",
                of=f"start of python and four of its modules, of dripline {name}",
                value=median(python / ours for ours, python in pairs),
                unit=TIMES,
                beside=(
                    Part("dripline", median(ours for ours, _ in pairs), "s"),
                    Part("python", median(python for _, python in pairs), "s"),
                ),
            )


def _figure(name: str, of: str, command: Callable[[], tuple[str, ...]], goal: AtMost | None, beside: Part) -> Figure:
    return Figure(f"starting.{name}", of=of, value=_seconds(command), unit="s", goal=goal, beside=(beside,))


def _seconds(command: Callable[[], tuple[str, ...]]) -> float:
    """Return how long a command takes; it is asked for anew before each run."""
    return median([seconds_of(*command()) for _ in range(RUNS + 1)][1:])
