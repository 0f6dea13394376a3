"""Idle cost: what `dripline worker` takes of one core while 10^6 records wait for times to come and nothing is due.

The command itself, in a process of its own, as it comes: it looks every 15 seconds, and waits in between. It is given
ten seconds to settle down, then its processor time is read from the kernel over a minute. What PostgreSQL spends on its
questions is not in it.
"""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figure import AtMost, Figure, power
from benchmarks.places import KINDS, bare
from benchmarks.stored import Stock, stored
from benchmarks.watched import DRIPLINE, pause, watched
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import SystemClock

STOCK = Stock(10**6, finished_percent=0, standing=1)
"""Every record is still to come."""

SETTLING = 10
SECONDS = 60

GOAL = AtMost(1)


def full(bench: Bench) -> Iterator[Figure]:
    """Measure on each database."""
    for kind in KINDS:
        with (
            stored(bench, kind, STOCK, now=whole_second(SystemClock().now()), channel="console") as url,
            bare(url) as plain,
            watched(*DRIPLINE, "worker", "--db", url) as worker,
        ):
            bench.tell(f"idle: {kind}, {SETTLING + SECONDS} s")
            worker.wait_until(lambda plain=plain: plain.count("SELECT count(*) FROM workers") > 0)
            pause(SETTLING)
            share = worker.share(SECONDS)
            worker.end()
        yield Figure(
            f"idle.{kind}",
            of=f"idle cost, {power(STOCK.records)} future records, nothing due, {kind}",
            value=share,
            unit="% of a core",
            goal=GOAL,
        )
