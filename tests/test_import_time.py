"""What it costs to import dripline, in processor time of a process of its own: a command waits for all of it."""

import subprocess
import sys

import pytest

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
