"""The workload of every Python peer: contacts with a chain of steps each, enrolled in bulk, then worked off.

The programs beside this file run in an environment of the peers', without dripline; so this one needs Python alone.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

STEPS = 4
BULK = 5_000
"""Rows in one bulk insert; between 500 and 5,000 it mattered little to any peer."""
SCHEMA = "peer"


def arguments() -> tuple[str, int]:
    """Return where to store, and how many contacts there are."""
    where, contacts = sys.argv[1:]
    return where, int(contacts)


def bulks(contacts: int) -> Iterator[range]:
    """Cut the contacts into bulk inserts."""
    for start in range(0, contacts, BULK):
        yield range(start, min(start + BULK, contacts))


def stopwatch() -> Callable[[], float]:
    """Start a watch; calling it tells the seconds since."""
    start = perf_counter()
    return lambda: perf_counter() - start


class Countdown:
    """Counts the steps of all contacts down; `finished` returns when the last one has run."""

    def __init__(self, contacts: int) -> None:
        self._left = contacts * STEPS
        self._finished = asyncio.Event()

    def step(self) -> None:
        """Count one step."""
        self._left -= 1
        if self._left == 0:
            self._finished.set()

    async def finished(self) -> None:
        """Wait for the last step."""
        await self._finished.wait()


def report(contacts: int, *, enrolling: float, processing: float) -> None:
    """Print the two rates as the one line that is read: first jobs written, N of them, then N × 4 steps run."""
    rates = {
        "enroll_rows_per_second": contacts / enrolling,
        "process_steps_per_second": contacts * STEPS / processing,
    }
    print(json.dumps(rates), flush=True)
