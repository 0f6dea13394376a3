"""What it costs to import dripline and to run a command, in processor time of a process of its own."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dripline import Dripline, Sequence, Step, VirtualClock

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)

RUNS = 5
"""The quickest of so many counts: on a machine that is busy the others tell how busy it was."""

TIMED = """
import sys, time
begun = time.process_time()
import {module}
print(time.process_time() - begun, *sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def imported(module: str) -> tuple[float, set[str]]:
    """Return what importing a module took, in seconds, and the packages that are loaded then."""
    asked = [sys.executable, "-c", TIMED.format(module=module)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=120).stdout.split()
    return float(told[0]), set(told[1:])


@pytest.mark.parametrize(("module", "limit"), [("dripline", 0.05), ("dripline.app", 0.35)])
def test_importing_is_quick(module: str, limit: float) -> None:
    took = [limit]
    while len(took) <= RUNS and min(took) >= limit:
        took.append(imported(module)[0])

    assert min(took) < limit, took


def test_use_cases_are_imported_without_what_a_few_of_them_need() -> None:
    heavy = {"click", "httpx", "openpyxl", "psycopg", "pygments", "rich", "standardwebhooks", "typer"}

    assert imported("dripline.app")[1] & heavy == set()


SHOW = 0.5
"""How much processor time `dripline show` may take on an idle machine, in seconds."""

BUSY = 2.0
"""How many times as long it may take here: what shares a core and its caches slows a process down, whatever it does."""


def test_showing_a_lead_is_quick(tmp_path: Path) -> None:
    fill(tmp_path / "shop.db")
    took = [BUSY * SHOW]
    while len(took) <= RUNS and min(took) >= BUSY * SHOW:
        took.append(run_for(tmp_path, "show", "60123456789", "--db", "shop.db"))

    assert min(took) < BUSY * SHOW, took


def fill(database: Path) -> None:
    """Put a lead into a new database, with one message sent and one to come."""
    clock = VirtualClock(NOW)
    with Dripline(f"sqlite:///{database}", clock=clock) as drip:
        drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=[Step("Hi {{ name }}"), Step("Two", after="12h")]))
        drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
        drip.tick()


def run_for(folder: Path, *arguments: str) -> float:
    """Run a command and return how much processor time it took, in seconds."""
    before = os.times()
    subprocess.run(
        [sys.executable, "-m", "dripline", *arguments], cwd=folder, capture_output=True, check=True, timeout=120
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
