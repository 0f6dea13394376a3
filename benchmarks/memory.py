"""Memory of a worker: 10^7 records stored, 10^5 of them due at once when `dripline worker` starts.

The command itself, in a process of its own, through the console channel to nowhere, with everything that it does at its
start. Its memory is the most that it ever had resident by the kernel's own mark, pages that it shares with others
included, read when all that was due has been sent.
"""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figure import AtMost, Figure, Part, power
from benchmarks.places import KINDS, bare
from benchmarks.stored import Stock, size_of, stored
from benchmarks.watched import DRIPLINE, watched
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import SystemClock

STOCK = Stock(10**7, due=10**5)

GOAL = AtMost(150)


def full(bench: Bench) -> Iterator[Figure]:
    """Measure on each database."""
    for kind in KINDS:
        yield figure(bench, kind, STOCK)


def figure(bench: Bench, kind: str, stock: Stock) -> Figure:
    """Measure on one database."""
    now = whole_second(SystemClock().now())
    left = f"""
        SELECT count(*) FROM sequence_contacts
        WHERE next_trigger_time <= '{now:%Y-%m-%d %H:%M:%S}+00' AND status IN ('active', 'sending')
    """
    with stored(bench, kind, stock, now=now, channel="console") as url, bare(url) as plain:
        size = size_of(url)
        assert plain.count(left) == stock.due
        bench.tell(f"memory: {kind}, sending {stock.due:,}")
        with watched(*DRIPLINE, "worker", "--db", url) as worker:
            seconds = worker.wait_until(lambda: plain.count(left) == 0, every=2)
            peak = worker.peak_megabytes()
            worker.end()
    return Figure(
        f"memory.{kind}",
        of=f"memory of a worker, {power(stock.records)} records stored, {power(stock.due)} due at once, {kind}",
        value=peak,
        unit="MB",
        goal=GOAL,
        beside=(Part("database", size / 10**6, "MB"), Part("all sent within", seconds, "s")),
    )
