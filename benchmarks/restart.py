"""Restart: from the start of a worker until what a killed one left behind is dealt with and new due work is sent.

Among 10^6 records 2,000 are due; a worker has claimed 1,000 of them and is gone, and its leases have ended: they were
claimed by the engine's own `Claiming.claim` with leases that end at once, which leaves the rows that SIGKILL leaves.
Then `dripline worker` is started, through the console channel to nowhere. Timed from the start of its process until the
1,000 are marked unknown, since nobody knows whether they went, and until the 1,000 others are sent; looked at every
10 ms.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

from benchmarks.bench import Bench
from benchmarks.figure import Figure, Part
from benchmarks.places import KINDS, Bare, bare
from benchmarks.stored import Stock, stored
from benchmarks.watched import DRIPLINE, Watched, watched
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import SystemClock, stopwatch
from dripline.store.database.connect import connect
from dripline.store.enrollments.store import Store
from dripline.store.records.claim import Claiming

STOCK = Stock(10**6, due=2_000)
IN_FLIGHT = 1_000
BATCH = 500

_UNKNOWN = "SELECT count(*) FROM sequence_contacts WHERE lease_until IS NOT NULL AND status = 'unknown'"


def full(bench: Bench) -> Iterator[Figure]:
    """Measure on each database."""
    for kind in KINDS:
        now = whole_second(SystemClock().now())
        with stored(bench, kind, STOCK, now=now, channel="console") as url:
            _leave_in_flight(url, now)
            bench.tell(f"restart: {kind}")
            with bare(url) as plain, watched(*DRIPLINE, "worker", "--db", url) as worker:
                yield _figure(kind, plain, worker, now)


def _leave_in_flight(url: str, now: datetime) -> None:
    """Claim as a worker does that is killed at once, with leases that have ended when the next one looks."""
    with closing(connect(url)) as database:
        claiming = Claiming(database, Store(database, lambda: now))
        for _ in range(IN_FLIGHT // BATCH):
            claims = claiming.claim("killed", "console", now=now, lease=timedelta(0), batch=BATCH)
            assert len(claims.records) == BATCH


def _figure(kind: str, plain: Bare, worker: Watched, now: datetime) -> Figure:
    elapsed = stopwatch()
    left = f"""
        SELECT count(*) FROM sequence_contacts
        WHERE next_trigger_time <= '{now:%Y-%m-%d %H:%M:%S}+00' AND status IN ('active', 'sending')
    """
    worker.wait_until(lambda: plain.count(_UNKNOWN) == IN_FLIGHT, every=0.01, at_most=60)
    unknown = elapsed()
    worker.wait_until(lambda: plain.count(left) == 0, every=0.01, at_most=60)
    sent = elapsed()
    worker.end()
    return Figure(
        f"restart.{kind}",
        of=f"restart after a kill until what was in flight is dealt with and new due work is sent, {kind}",
        value=sent,
        unit="s",
        beside=(Part("marked unknown after", unknown, "s"),),
    )
