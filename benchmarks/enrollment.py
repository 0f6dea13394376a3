"""Enrollment: 100,000 leads × 4 steps at once, beside bare SQL and beside the version at d247beb in the same rounds.

The bare `INSERT … SELECT` writes the same rows into the same tables with the same indexes and constraints, without
asking who may be enrolled. The former version (`former`) does what dripline does, in a database of its own schema. Each
version runs in a process of its own (`enrollment_worker`), which is timed from within. They take turns; each database
is emptied and tidied before each turn; ratios are taken pair by pair. The quick run has no former version.
"""

import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import IO

from benchmarks import former
from benchmarks.bench import Bench
from benchmarks.figure import TIMES, AtLeast, Figure, Part
from benchmarks.peers import LeftOut
from benchmarks.places import KINDS, Bare, bare
from benchmarks.side_by_side import Rate, Turns, take_turns
from benchmarks.workload import TEXTS, TRIGGER
from dripline.engine.clock import stopwatch


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    leads: int
    rounds: int


FULL = Size(100_000, 5)
QUICK = Size(5_000, 3)

OF_BARE, OF_FORMER = AtLeast(0.75), AtLeast(1.2)

OURS, BARE_SQL = "dripline", "bare SQL"

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


WORKER = Path(__file__).with_name("enrollment_worker.py")

OWN = (sys.executable, "-m", "benchmarks.enrollment_worker")
"""The worker as dripline's own version runs it."""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """A database with leads whom a version of dripline enrolls in a process of its own, and anybody by hand."""

    leads: int
    plain: Bare = field(kw_only=True)
    asked: IO[str] = field(kw_only=True)
    answers: IO[str] = field(kw_only=True)

    def by_version(self) -> float:
        """Let the version enroll everybody, and return how many records a second it wrote."""
        self._empty()
        self.asked.write("go\n")
        self.asked.flush()
        return self._rows / float(self.answers.readline())

    def by_hand(self) -> float:
        """Enroll everybody by bare SQL, and return how many records a second were written."""
        self._empty()
        elapsed = stopwatch()
        self.plain.run(*BARE)
        return self._rows / elapsed()

    @property
    def _rows(self) -> int:
        return self.leads * len(TEXTS)

    def _empty(self) -> None:
        self.plain.run(*EMPTY)
        self.plain.tidy()


def rows_per_second(bench: Bench, kind: str, leads: int) -> float:
    """Return how many records a second dripline writes when it enrolls so many leads at once."""
    with _enrolling(bench, kind, OWN, leads) as enrolling:
        return median(enrolling.by_version() for _ in range(QUICK.rounds))


def full(bench: Bench) -> Iterator[Figure]:
    """Measure at full size."""
    before = former.former(bench)
    for kind in KINDS:
        yield from _figures(bench, kind, FULL, before)


def quick(bench: Bench) -> Iterator[Figure]:
    """Measure at a size that takes seconds, beside bare SQL alone."""
    for kind in KINDS:
        yield _of_bare(kind, QUICK, _turns(bench, kind, QUICK, LeftOut("quick")))


def _figures(bench: Bench, kind: str, size: Size, before: former.Former | LeftOut) -> Iterator[Figure]:
    turns = _turns(bench, kind, size, before)
    yield _of_bare(kind, size, turns)
    note = f"left out: {before.why}" if isinstance(before, LeftOut) else ""
    yield _figure(kind, size, turns, former.CALLED, OF_FORMER, note)


def _turns(bench: Bench, kind: str, size: Size, before: former.Former | LeftOut) -> Turns:
    """Let dripline, bare SQL in dripline's tables, and the former version in its own take turns."""
    bench.tell(f"enrollment: adding {size.leads:,} leads, {kind}")
    with ExitStack() as stack:
        ours = stack.enter_context(_enrolling(bench, kind, OWN, size.leads))
        contestants: dict[str, Rate] = {OURS: ours.by_version, BARE_SQL: ours.by_hand}
        match before:
            case former.Former(interpreter):
                theirs = _enrolling(bench, kind, (interpreter, "-P", str(WORKER)), size.leads)
                contestants[former.CALLED] = stack.enter_context(theirs).by_version
            case LeftOut():
                pass
        return take_turns(contestants, size.rounds, lambda told: bench.tell(f"enrollment, {kind}: {told}"))


@contextmanager
def _enrolling(bench: Bench, kind: str, command: tuple[str, ...], leads: int) -> Generator[Enrolling]:
    """Let a version add leads to a new database, and keep it ready to enroll them."""
    with (
        bench.places.new(kind) as url,
        subprocess.Popen(
            [*command, url, str(leads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as worker,
        bare(url) as plain,
    ):
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            if worker.stdout.readline().strip() != "ready":
                raise RuntimeError("a version of dripline could not add the leads; it has said why")
            yield Enrolling(leads, plain=plain, asked=worker.stdin, answers=worker.stdout)
        finally:
            worker.kill()


def _of_bare(kind: str, size: Size, turns: Turns) -> Figure:
    return _figure(kind, size, turns, BARE_SQL, OF_BARE)


def _figure(kind: str, size: Size, turns: Turns, other: str, goal: AtLeast, note: str = "") -> Figure:
    took_part = turns.has(other)
    return Figure(
        f"enrollment.{kind}{'' if other == BARE_SQL else '.former'}",
        of=f"enrollment of {size.leads:,} leads × {len(TEXTS)}, {kind}, of {other}",
        value=turns.ratio(OURS, other) if took_part else None,
        unit=TIMES,
        goal=goal,
        beside=tuple(Part(who, turns.rate(who), "rows/s") for who in (OURS, other) if took_part),
        note=note,
    )
