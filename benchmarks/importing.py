"""Importing: 100,000 leads from a CSV by `dripline import`, every phone checked, everybody enrolled.

The list has a name, a phone in four ways of writing it, a niche and the trigger of a sequence of four steps that stands
already: each lead is written with its trigger, its enrollment and four records, 700,000 rows in all. The whole process
is timed. It takes turns with the version at d247beb (`former`), which imports the same list by the same command; each
round begins with new databases, ratios are taken pair by pair. Memory is the most that the process had resident on
SQLite, of the whole list and of a fifth of it: it is not to grow.
"""

import csv
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import former
from benchmarks.bench import Bench
from benchmarks.figure import TIMES, AtLeast, AtMost, Figure, Part
from benchmarks.peers import LeftOut
from benchmarks.places import KINDS, bare
from benchmarks.side_by_side import Rate, take_turns
from benchmarks.watched import Ran, run
from benchmarks.workload import TEXTS, TRIGGER

LEADS = 100_000
FEWER = 20_000
ROUNDS = 3

SECONDS = AtMost(15)
OF_FORMER = AtLeast(1.3)
MARGIN = 10
"""How many megabytes more are still flat: what Python's memory varies by between two runs."""

OURS = "dripline"

WRITTEN = ("012-{:03} {:04}", "+60 12-{:03} {:04}", "6012{:03}{:04}", "012{:03}{:04}")

STAND = """
import sys
from benchmarks.workload import warm
from dripline import Dripline
with Dripline(sys.argv[1]) as drip:
    drip.apply(warm())
"""
"""Lets the sequence stand in a new database, by whatever version of dripline runs this."""


def full(bench: Bench) -> Iterator[Figure]:
    """Measure the list on each database beside the former version, then the memory of a shorter one."""
    before = former.former(bench)
    file = bench.places.folder / "leads.csv"
    write(file, LEADS)
    ran = {kind: list[Ran]() for kind in KINDS}
    for kind in KINDS:
        yield _of_former(bench, kind, file, before, ran[kind])
    write(file, FEWER)
    fewer = _import(bench, "sqlite", sys.executable, file, FEWER)
    middle = sorted(one.seconds for one in ran["sqlite"])[ROUNDS // 2]
    yield Figure(
        "importing.seconds",
        of=f"importing {LEADS:,} leads from CSV with phone checks, SQLite",
        value=middle,
        unit="s",
        goal=SECONDS,
        beside=(Part(f"{FEWER:,} leads", fewer.seconds, "s"),),
    )
    peak = max(one.peak_megabytes for one in ran["sqlite"])
    yield Figure(
        "importing.memory",
        of=f"importing: more memory for {LEADS:,} leads than for {FEWER:,}",
        value=max(0.0, peak - fewer.peak_megabytes),
        unit="MB",
        goal=AtMost(MARGIN),
        beside=(
            Part(f"{FEWER:,} leads", fewer.peak_megabytes, "MB"),
            Part(f"{LEADS:,} leads", peak, "MB"),
        ),
    )


def _of_former(bench: Bench, kind: str, file: Path, before: former.Former | LeftOut, ran: list[Ran]) -> Figure:
    """Let both versions take turns, and keep what dripline's own runs took."""
    contestants: dict[str, Rate] = {OURS: partial(_leads_per_second, bench, kind, sys.executable, file, ran)}
    match before:
        case former.Former(interpreter):
            contestants[former.CALLED], note = partial(_leads_per_second, bench, kind, interpreter, file, []), ""
        case LeftOut(why):
            note = f"left out: {why}"
    turns = take_turns(contestants, ROUNDS, lambda told: bench.tell(f"importing {LEADS:,} leads, {kind}: {told}"))
    return Figure(
        f"importing.{kind}.former",
        of=f"importing {LEADS:,} leads, {kind}, of {former.CALLED}",
        value=turns.ratio(OURS, former.CALLED) if turns.has(former.CALLED) else None,
        unit=TIMES,
        goal=OF_FORMER,
        beside=tuple(Part(who, turns.rate(who), "leads/s") for who in contestants),
        note=note,
    )


def _leads_per_second(bench: Bench, kind: str, interpreter: str, file: Path, ran: list[Ran]) -> float:
    ran.append(_import(bench, kind, interpreter, file, LEADS))
    return LEADS / ran[-1].seconds


def _import(bench: Bench, kind: str, interpreter: str, file: Path, leads: int) -> Ran:
    """Import a list into a new database by the version of an interpreter."""
    with bench.places.new(kind) as url:
        run(interpreter, "-c", STAND, url)
        ran = run(interpreter, "-m", "dripline", "import", str(file), "--db", url, "--strict")
        with bare(url) as plain:
            records = plain.count("SELECT count(*) FROM sequence_contacts")
    if records != leads * len(TEXTS):
        raise RuntimeError(f"{records} records were written for {leads} leads: the figure would be wrong")
    return ran


def write(file: Path, leads: int, trigger: str = TRIGGER) -> None:
    """Write a list of so many leads, all with one trigger; their phones are none of `workload.lead`'s first million."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["name", "phone", "niche", "trigger"])
        for number in range(leads):
            phone = WRITTEN[number % len(WRITTEN)].format(number // 10_000 + 100, number % 10_000)
            writer.writerow([f"Nur Aisyah binti Ahmad {number}", phone, "EXAMA", trigger])
