"""Beside peers: job queues with the same chain of four jobs for each of 5,000 contacts, on the same machine in one run.

`peers` holds their programs and says what each does and how. What dripline does here is what `processing` measures: on
PostgreSQL two processes, on SQLite one, medians of 3 rounds. This is the whole field, one after the other; the fastest
peers also run in the rounds of `processing`, which has the goals. Enrollment: dripline writes all four records of a
contact, a peer one job. A peer that cannot be installed here is left out, and named.
"""

from collections.abc import Iterator, Mapping
from statistics import median

from benchmarks import enrollment, processing
from benchmarks.bench import Bench
from benchmarks.figure import TIMES, Figure, Part
from benchmarks.peers import Rates, measure_all
from benchmarks.places import KINDS

CONTACTS = 5_000
ROUNDS = 3

CREWS = {"sqlite": 1, "postgresql": 2}

ON_SQLITE = frozenset({"huey"})


Peers = Mapping[str, Rates]


def full(bench: Bench) -> Iterator[Figure]:
    """Measure dripline and the peers, one after the other."""
    ours = {kind: _steps_per_second(bench, kind) for kind in KINDS}
    enrolled = {kind: enrollment.rows_per_second(bench, kind, CONTACTS) for kind in KINDS}
    with bench.places.new("postgresql") as url:
        bench.tell(f"peers: {CONTACTS:,} contacts")
        folder = bench.places.folder / "peers"
        folder.mkdir(exist_ok=True)
        peers, left_out = measure_all(url, folder, CONTACTS)
    note = ", ".join(f"{name} left out: {why}" for name, why in left_out.items())
    for kind in KINDS:
        on_it = {name: rates for name, rates in peers.items() if (name in ON_SQLITE) == (kind == "sqlite")}
        yield _processing(kind, ours[kind], on_it, note)
        yield _enrollment(kind, enrolled[kind], on_it)


def _steps_per_second(bench: Bench, kind: str) -> float:
    with processing.prepared(bench, kind, CONTACTS) as url:
        return median(
            processing.steps_per_second(bench, "dripline", url, workers=CREWS[kind], leads=CONTACTS)
            for _ in range(ROUNDS)
        )


def _processing(kind: str, ours: float, peers: Peers, note: str) -> Figure:
    fastest = max((rates.process_steps_per_second for rates in peers.values()), default=None)
    return Figure(
        f"peers.{kind}",
        of=f"processing, {kind}, {CREWS[kind]} process{'es' if CREWS[kind] > 1 else ''}, of the fastest peer",
        value=ours / fastest if fastest else None,
        unit=TIMES,
        beside=(
            Part("dripline", ours, "steps/s"),
            *(Part(name, rates.process_steps_per_second, "steps/s") for name, rates in peers.items()),
        ),
        note=note,
    )


def _enrollment(kind: str, ours: float, peers: Peers) -> Figure:
    fastest = max((rates.enroll_rows_per_second for rates in peers.values()), default=None)
    return Figure(
        f"peers.{kind}.enrollment",
        of=f"enrollment, {kind}, rows of the fastest peer",
        value=ours / fastest if fastest else None,
        unit=TIMES,
        beside=(
            Part("dripline", ours, "rows/s"),
            *(Part(name, rates.enroll_rows_per_second, "rows/s") for name, rates in peers.items()),
        ),
    )
