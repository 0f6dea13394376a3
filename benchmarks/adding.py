"""Adding leads one by one: `add_lead` on PostgreSQL, from one thread and from eight, each lead enrolled at once.

A sequence of four steps stands. Each call is a transaction of its own that writes a lead, its trigger, its enrollment
and four records, durably, and returns. The eight threads are of one process, each with a connection of its own
(`connect`), as a server has them. Each round begins with a new database and adds so many leads beforehand, so that
nothing is measured of a cold start; rates are medians of the rounds.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figure import AtLeast, Figure
from benchmarks.places import bare
from benchmarks.workload import NAME, TEXTS, TRIGGER, lead, warm
from dripline import Dripline
from dripline.engine.clock import stopwatch


@dataclass(frozen=True, slots=True)
class Size:
    """How many leads are added before and while it is timed, and how often."""

    before: int
    leads: int
    rounds: int


FULL = Size(500, 2_000, 3)

GOALS = {1: AtLeast(500), 8: AtLeast(1_500)}
"""How many a second are to be added, by the number of threads."""


def full(bench: Bench) -> Iterator[Figure]:
    """Measure at full size."""
    return figures(bench, FULL)


def figures(bench: Bench, size: Size) -> Iterator[Figure]:
    """Measure with each number of threads."""
    for threads, goal in GOALS.items():
        rates: list[float] = []
        for number in range(1, size.rounds + 1):
            bench.tell(f"add_lead: {threads} thread{'s' if threads > 1 else ''}, round {number} of {size.rounds}")
            rates.append(_leads_per_second(bench, threads, size))
        yield Figure(
            f"adding.postgresql.{threads}",
            of=f"add_lead with {len(TEXTS)} records, postgresql, {threads} thread{'s' if threads > 1 else ''}",
            value=median(rates),
            unit="leads/s",
            goal=goal,
        )


def _leads_per_second(bench: Bench, threads: int, size: Size) -> float:
    everybody = range(size.before + size.leads)
    with bench.places.new("postgresql") as url, ExitStack() as stack:
        drip = stack.enter_context(Dripline(url))
        drip.apply(warm())
        connections = [stack.enter_context(drip.connect()) for _ in range(threads)]
        pool = stack.enter_context(ThreadPoolExecutor(threads))
        _add(pool, connections, everybody[: size.before])
        with bare(url) as plain:
            plain.tidy()
        elapsed = stopwatch()
        _add(pool, connections, everybody[size.before :])
        seconds = elapsed()
        with bare(url) as plain:
            records = plain.count("SELECT count(*) FROM sequence_contacts")
    if records != len(everybody) * len(TEXTS):
        raise RuntimeError(f"{records} records were written for {len(everybody)} leads: the figure would be wrong")
    return size.leads / seconds


def _add(pool: ThreadPoolExecutor, connections: Sequence[Dripline], numbers: range) -> None:
    """Let each connection add its share, and wait for all."""
    shares = [numbers[place :: len(connections)] for place in range(len(connections))]
    for done in [pool.submit(_add_all, drip, share) for drip, share in zip(connections, shares, strict=True)]:
        done.result()


def _add_all(drip: Dripline, numbers: range) -> None:
    for number in numbers:
        drip.add_lead(phone=lead(number).phone, name=NAME, triggers=(TRIGGER,))
