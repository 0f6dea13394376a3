"""The due scan and claim of 500 records, with 10^5, 10^6 and 10^7 records stored: it is not to cost more as they grow.

The engine's own `Claiming.claim`, in its transaction: what is active and due is found, taken, read with what sending it
needs, its attempts are begun, all is committed. 5,000 records are due at every size; ten claims take them all, then
they are put back on the same connection, and that is done again. Nothing is vacuumed meanwhile. The first round warms
up. Growth is the p95 at the largest size, of that at the smallest.

What is due stands together as enrollment leaves it (`stored.Layout`). Up to 10^6 it is also measured spread evenly over
the whole table, without a goal: that is the dearest way, since at 10^6 each claimed record and whatever it needs has a
page to itself, where at 10^5 they share some; so it tells what a page costs more than what the scan does.

``python -m benchmarks due-scan --rows 1e8`` measures PostgreSQL alone, at 10^5 and at so many, both without the
attempts of finished enrollments, which no claim looks at: 10^8 records then need 68 GB of free disk, with them 93 GB.
It takes hours, nearly all of them to store the records.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median, quantiles

from benchmarks.bench import Bench
from benchmarks.figure import TIMES, AtMost, Figure, Part, power
from benchmarks.places import KINDS
from benchmarks.stored import Layout, Stock, check_disk, stored
from benchmarks.workload import CHANNEL
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import SystemClock, stopwatch
from dripline.store.database.connect import connect
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store
from dripline.store.records.claim import Claiming

BATCH = 500
DUE = 5_000
LEASE = timedelta(hours=1)
"""Long enough that no lease ends while this is measured."""

GOAL = AtMost(1.3)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    stocks: tuple[int, ...]
    rounds: int


FULL = Size((10**5, 10**6, 10**7), 20)
SPREAD = Size((10**5, 10**6), 20)
QUICK = Size((5 * 10**4, 25 * 10**4), 8)


def full(bench: Bench) -> Iterator[Figure]:
    """Measure at full size."""
    for kind in KINDS:
        yield _figure(bench, kind, Layout.TOGETHER, FULL)
        yield replace(_figure(bench, kind, Layout.SPREAD, SPREAD), name=f"due_scan.{kind}.spread", goal=None)


def quick(bench: Bench) -> Iterator[Figure]:
    """Measure at sizes that take seconds."""
    for kind in KINDS:
        yield _figure(bench, kind, Layout.TOGETHER, QUICK)


def at(bench: Bench, rows: int) -> Iterator[Figure]:
    """Measure on PostgreSQL at the smallest size and at a number of records that somebody asks for."""
    size = Size((FULL.stocks[0], rows), FULL.rounds)
    stocks = [Stock(records, due=DUE, keeps_attempts=False) for records in size.stocks]
    check_disk(bench, stocks[-1])
    yield replace(_of(bench, "postgresql", stocks, size.rounds), name=f"due_scan.postgresql.{rows}")


def _figure(bench: Bench, kind: str, layout: Layout, size: Size) -> Figure:
    return _of(bench, kind, [Stock(records, due=DUE, layout=layout) for records in size.stocks], size.rounds)


def _of(bench: Bench, kind: str, stocks: list[Stock], rounds: int) -> Figure:
    samples = [_claims(bench, kind, stock, rounds) for stock in stocks]
    p95 = [quantiles(taken, n=20)[-1] for taken in samples]
    names = [power(stock.records) for stock in stocks]
    layout = stocks[-1].layout
    return Figure(
        f"due_scan.{kind}",
        of=f"due scan and claim of {BATCH}, {kind}, due ones {layout}, p95 at {names[-1]} of that at {names[0]}",
        value=p95[-1] / p95[0],
        unit=TIMES,
        goal=GOAL,
        beside=tuple(Part(name, taken, "ms") for name, taken in zip(names, p95, strict=True)),
        note=f"medians {', '.join(f'{median(taken):.1f}' for taken in samples)} ms",
    )


def _claims(bench: Bench, kind: str, stock: Stock, rounds: int) -> list[float]:
    """Return how long each claim took, in milliseconds."""
    now = whole_second(SystemClock().now())
    with stored(bench, kind, stock, now=now) as url, closing(connect(url)) as database:
        claiming = Claiming(database, Store(database, lambda: now))
        bench.tell(f"due scan: {kind}, {stock.records:,} records, {rounds} rounds")
        taken: list[list[float]] = []
        for _ in range(rounds + 1):
            taken.append(_round(claiming, now))
            _put_back(database)
    return [one for samples in taken[1:] for one in samples]


def _round(claiming: Claiming, now: datetime) -> list[float]:
    """Claim everything that is due."""
    samples: list[float] = []
    while len(samples) < DUE // BATCH:
        elapsed = stopwatch()
        claims = claiming.claim("benchmark", CHANNEL, now=now, lease=LEASE, batch=BATCH)
        samples.append(elapsed() * 1_000)
        if len(claims.records) != BATCH:
            raise RuntimeError(f"{len(claims.records)} of {BATCH} were claimed: the figure would be wrong")
    return samples


def _put_back(database: Database) -> None:
    """Make what was claimed due again, as if it had never been claimed."""
    with database.transaction():
        database.script(
            """
            DELETE FROM attempts
            WHERE record_id IN (SELECT id FROM sequence_contacts WHERE lease_until IS NOT NULL) AND finished_at IS NULL
            """
        )
        database.script(
            """
            UPDATE sequence_contacts SET status = 'active', attempt = 0, worker = NULL, lease_until = NULL
            WHERE lease_until IS NOT NULL
            """
        )
