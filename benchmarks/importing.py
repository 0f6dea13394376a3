"""Importing: 100,000 leads from a CSV by `dripline import` into SQLite, every phone checked, everybody enrolled.

The list has a name, a phone in four ways of writing it, a niche and the trigger of a sequence of four steps that stands
already: each lead is written with its trigger, its enrollment and four records, 700,000 rows in all. The whole process
is timed. Memory is the most that it had resident, of the whole list and of a fifth of it: it is not to grow.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figure import AtMost, Figure, Part
from benchmarks.places import bare, path_of
from benchmarks.watched import DRIPLINE, Ran, run
from benchmarks.workload import TEXTS, TRIGGER, warm
from dripline import Dripline

LEADS = 100_000
FEWER = 20_000

GOAL = AtMost(15)
MARGIN = 10
"""How many megabytes more are still flat: what Python's memory varies by between two runs."""

WRITTEN = ("012-{:03} {:04}", "+60 12-{:03} {:04}", "6012{:03}{:04}", "012{:03}{:04}")


def full(bench: Bench) -> Iterator[Figure]:
    """Measure both lists."""
    fewer, all_of_them = (_import(bench, leads) for leads in (FEWER, LEADS))
    yield Figure(
        "importing.seconds",
        of=f"importing {LEADS:,} leads from CSV with phone checks, SQLite",
        value=all_of_them.seconds,
        unit="s",
        goal=GOAL,
        beside=(Part(f"{FEWER:,} leads", fewer.seconds, "s"),),
    )
    yield Figure(
        "importing.memory",
        of=f"importing: more memory for {LEADS:,} leads than for {FEWER:,}",
        value=max(0.0, all_of_them.peak_megabytes - fewer.peak_megabytes),
        unit="MB",
        goal=AtMost(MARGIN),
        beside=(
            Part(f"{FEWER:,} leads", fewer.peak_megabytes, "MB"),
            Part(f"{LEADS:,} leads", all_of_them.peak_megabytes, "MB"),
        ),
    )


def _import(bench: Bench, leads: int) -> Ran:
    with bench.places.new("sqlite") as url:
        file = Path(path_of(url)).with_suffix(".csv")
        _write(file, leads)
        with Dripline(url) as drip:
            drip.apply(warm())
        bench.tell(f"importing {leads:,} leads")
        ran = run(*DRIPLINE, "import", str(file), "--db", path_of(url), "--strict")
        with bare(url) as plain:
            records = plain.count("SELECT count(*) FROM sequence_contacts")
        file.unlink()
    if records != leads * len(TEXTS):
        raise RuntimeError(f"{records} records were written for {leads} leads: the figure would be wrong")
    return ran


def _write(file: Path, leads: int) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["name", "phone", "niche", "trigger"])
        for number in range(leads):
            phone = WRITTEN[number % len(WRITTEN)].format(number // 10_000 + 100, number % 10_000)
            writer.writerow([f"Nur Aisyah binti Ahmad {number}", phone, "EXAMA", TRIGGER])
