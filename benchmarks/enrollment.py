"""Enrollment: 100,000 leads × 4 steps at once, beside the bare INSERT … SELECT that writes the same rows.

The bare one writes into the same tables with the same indexes and constraints, without asking who may be enrolled.
The two take turns on one database, which is emptied and tidied in between; the ratio is taken pair by pair.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figure import TIMES, AtLeast, Figure, Part
from benchmarks.places import KINDS, Bare, bare
from benchmarks.workload import TEXTS, TRIGGER, add_leads, warm
from dripline import Dripline
from dripline.engine.clock import stopwatch


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    leads: int
    rounds: int


FULL = Size(100_000, 5)
QUICK = Size(10_000, 3)

GOAL = AtLeast(0.6)

EMPTY = ("DELETE FROM sequence_contacts", "DELETE FROM enrollments")

_AT = "'2026-01-01 00:00:00'"

BARE = (
    f"""
    INSERT INTO enrollments (sequence_id, version, lead_id, enrolled_at)
    SELECT 1, 1, lead_id, {_AT} FROM lead_triggers WHERE trigger = '{TRIGGER}'
    """,
    f"""
    INSERT INTO sequence_contacts (enrollment_id, sequence_id, lead_id, contact_phone, sequence_stepid, current_step,
      status, next_trigger_time, planned_time)
    SELECT e.id, 1, e.lead_id, l.phone, steps.position, steps.position,
      CASE WHEN steps.position = 1 THEN 'active' ELSE 'pending' END, {_AT}, {_AT}
    FROM enrollments AS e
    JOIN leads AS l ON l.id = e.lead_id
    CROSS JOIN (SELECT 1 AS position UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS steps
    """,
)


def rows_per_second(bench: Bench, kind: str, leads: int) -> float:
    """Return how many records a second dripline writes when it enrolls so many leads at once."""
    with bench.places.new(kind) as url, Dripline(url) as drip, bare(url) as plain:
        add_leads(drip, leads)
        drip.apply(warm())
        return leads * len(TEXTS) / median(_seconds(plain, lambda: _enroll(drip, leads)) for _ in range(QUICK.rounds))


def full(bench: Bench) -> Iterator[Figure]:
    """Measure at full size."""
    for kind in KINDS:
        yield _figure(bench, kind, FULL)


def quick(bench: Bench) -> Iterator[Figure]:
    """Measure at a size that takes seconds."""
    for kind in KINDS:
        yield _figure(bench, kind, QUICK)


def _figure(bench: Bench, kind: str, size: Size) -> Figure:
    rows = size.leads * len(TEXTS)
    with bench.places.new(kind) as url, Dripline(url) as drip, bare(url) as plain:
        bench.tell(f"enrollment: adding {size.leads:,} leads, {kind}")
        add_leads(drip, size.leads)
        drip.apply(warm())
        pairs: list[tuple[float, float]] = []
        for number in range(1, size.rounds + 1):
            bench.tell(f"enrollment: {kind}, round {number} of {size.rounds}")
            ours = _seconds(plain, lambda: _enroll(drip, size.leads))
            pairs.append((ours, _seconds(plain, lambda: plain.run(*BARE))))
    return Figure(
        f"enrollment.{kind}",
        of=f"enrollment of {size.leads:,} leads × {len(TEXTS)}, {kind}, of bare SQL",
        value=median(theirs / ours for ours, theirs in pairs),
        unit=TIMES,
        goal=GOAL,
        beside=(
            Part("dripline", rows / median(ours for ours, _ in pairs), "rows/s"),
            Part("bare SQL", rows / median(theirs for _, theirs in pairs), "rows/s"),
        ),
    )


def _enroll(drip: Dripline, leads: int) -> None:
    enrolled = drip.apply(warm()).enrolled
    if enrolled != leads:
        raise RuntimeError(f"{enrolled} of {leads} leads were enrolled: the figure would be wrong")


def _seconds(plain: Bare, work: Callable[[], None]) -> float:
    plain.run(*EMPTY)
    plain.tidy()
    elapsed = stopwatch()
    work()
    return elapsed()
