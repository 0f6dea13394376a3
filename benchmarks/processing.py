"""Processing: 50,000 leads × 4 steps through a channel that accepts at once, beside the same by hand in SQL.

Both begin with page by page the same database, of which each round takes a new copy, and do the same in the same number
of processes: `bare_processing` says what is done by hand. The steps stand 12 hours apart on a clock that the benchmark
sets: all workers are told an instant, do everything that is due by then, and answer; when all have answered they are
told the next one. What is timed runs from the first word to the last answer. Starting processes and opening databases
is not in it; at each of the four instants the quicker worker waits for the other, in both. A worker of dripline makes
one pass (`tick`) for each instant. Afterwards every record must be completed, every attempt accepted, every enrollment
ended, in both.

The two take turns; rates are medians of the rounds, the ratio is taken pair by pair.
"""

import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figure import TIMES, AtLeast, Figure, Part
from benchmarks.places import bare
from benchmarks.workload import AT, CHANNEL, TEXTS, WAIT, Accepts, add_leads, warm
from dripline import Dripline, VirtualClock
from dripline.engine.clock import stopwatch


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    leads: int
    rounds: int


FULL = Size(50_000, 3)
QUICK = Size(2_000, 3)

CREWS = (("sqlite", 1), ("postgresql", 1), ("postgresql", 2))
"""How many processes work on which database."""

GOALS = {("sqlite", 1): AtLeast(0.25), ("postgresql", 2): AtLeast(0.5)}


def full(bench: Bench) -> Iterator[Figure]:
    """Measure at full size."""
    yield from _figures(bench, FULL)


def quick(bench: Bench) -> Iterator[Figure]:
    """Measure at a size that takes seconds."""
    yield from _figures(bench, QUICK)


def _figures(bench: Bench, size: Size) -> Iterator[Figure]:
    for kind, workers in CREWS:
        with prepared(bench, kind, size.leads) as url:
            pairs = [
                (
                    steps_per_second(bench, "dripline", url, workers=workers, leads=size.leads),
                    steps_per_second(bench, "bare", url, workers=workers, leads=size.leads),
                )
                for _ in range(size.rounds)
            ]
        yield Figure(
            f"processing.{kind}.{workers}",
            of=f"processing, {kind}, {workers} process{'es' if workers > 1 else ''}, of bare SQL",
            value=median(ours / theirs for ours, theirs in pairs),
            unit=TIMES,
            goal=GOALS.get((kind, workers)),
            beside=(
                Part("dripline", median(ours for ours, _ in pairs), "steps/s"),
                Part("bare SQL", median(theirs for _, theirs in pairs), "steps/s"),
            ),
        )


@contextmanager
def prepared(bench: Bench, kind: str, leads: int) -> Generator[str]:
    """Make a database in which everybody is enrolled and the first step of everybody is due."""
    bench.tell(f"processing: enrolling {leads:,} leads, {kind}")
    with bench.places.new(kind) as url:
        with Dripline(url, clock=VirtualClock(AT), channels={CHANNEL: Accepts()}) as drip:
            add_leads(drip, leads)
            drip.apply(warm(CHANNEL))
        with bare(url) as plain:
            plain.tidy()
        yield url


def steps_per_second(bench: Bench, who: str, template: str, *, workers: int, leads: int) -> float:
    """Let `dripline` or `bare` do all steps in a copy of a prepared database, and return how many a second it did."""
    bench.tell(f"processing: {who} × {workers}, {leads:,} leads")
    with bench.places.copy(template) as url:
        with _crew(who, url, workers) as crew:
            elapsed = stopwatch()
            done = sum(_work(crew, step) for step in range(len(TEXTS)))
            seconds = elapsed()
        _check(url, leads, done)
    return done / seconds


@contextmanager
def _crew(who: str, url: str, workers: int) -> Generator[list[subprocess.Popen[str]]]:
    """Start workers and wait until each has its database open."""
    command = [sys.executable, "-m", "benchmarks.processing_worker", who, url]
    with ExitStack() as stack:
        crew = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(workers)
        ]
        for worker in crew:
            stack.callback(worker.kill)
        assert [_answer(worker) for worker in crew] == ["ready"] * workers
        yield crew
        for worker in crew:
            assert worker.stdin is not None
            worker.stdin.close()
            assert worker.wait(timeout=60) == 0


def _work(crew: list[subprocess.Popen[str]], step: int) -> int:
    """Let all workers do what is due at the instant of a step, and return how many steps that was."""
    for worker in crew:
        assert worker.stdin is not None
        worker.stdin.write(f"{AT + step * WAIT}\n")
        worker.stdin.flush()
    return sum(int(_answer(worker)) for worker in crew)


def _answer(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


def _check(url: str, leads: int, done: int) -> None:
    with bare(url) as plain:
        found = {
            "done": done,
            "completed": plain.count("SELECT count(*) FROM sequence_contacts WHERE status = 'completed'"),
            "accepted": plain.count("SELECT count(*) FROM attempts WHERE outcome = 'accepted' AND text LIKE '%Aina%'"),
            "ended": plain.count("SELECT count(*) FROM enrollments WHERE end_code = 'completed'") * len(TEXTS),
        }
    if set(found.values()) != {leads * len(TEXTS)}:
        raise RuntimeError(f"{leads * len(TEXTS)} steps were to be done, and it was {found}: the figure would be wrong")
