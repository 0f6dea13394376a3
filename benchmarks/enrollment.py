"""Enrollment: 100,000 leads × 4 steps at once, beside the bare INSERT … SELECT that writes the same rows.

The bare one writes into the same tables with the same indexes and constraints, without asking who may be enrolled.
The two take turns on one database, which is emptied and tidied in between; the ratio is taken pair by pair.
"""

from collections.abc import Callable
from statistics import median

from benchmarks.places import Bare, bare
from dripline import Dripline, NewLead, Sequence, Step
from dripline.engine.clock import stopwatch

LEADS = 100_000
ROUNDS = 5

WARM = Sequence(
    "Warm EXAMA",
    trigger="WARMEXAMA",
    steps=[Step("One"), Step("Two", "12h"), Step("Three", "12h"), Step("Four", "12h")],
)

EMPTY = ("DELETE FROM sequence_contacts", "DELETE FROM enrollments")

AT = "'2026-01-01 00:00:00'"

BARE = (
    f"""
    INSERT INTO enrollments (sequence_id, version, lead_id, enrolled_at)
    SELECT 1, 1, lead_id, {AT} FROM lead_triggers WHERE trigger = 'WARMEXAMA'
    """,
    f"""
    INSERT INTO sequence_contacts (enrollment_id, sequence_id, lead_id, contact_phone, sequence_stepid, current_step,
      status, next_trigger_time, planned_time)
    SELECT e.id, 1, e.lead_id, l.phone, steps.position, steps.position,
      CASE WHEN steps.position = 1 THEN 'active' ELSE 'pending' END, {AT}, {AT}
    FROM enrollments AS e
    JOIN leads AS l ON l.id = e.lead_id
    CROSS JOIN (SELECT 1 AS position UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS steps
    """,
)


def measure(url: str, leads: int = LEADS, rounds: int = ROUNDS) -> dict[str, float]:
    """Return rows per second of both, and the ratio of dripline to bare SQL (1 is as fast, 0.5 takes twice as long)."""
    with Dripline(url) as drip, bare(url) as plain:
        for start in range(0, leads, 10_000):
            drip.add_leads([_lead(number) for number in range(start, min(start + 10_000, leads))])
        drip.apply(WARM)
        pairs = [
            (_seconds(plain, lambda: _enroll(drip, leads)), _seconds(plain, lambda: plain.run(*BARE)))
            for _ in range(rounds)
        ]
    rows = leads * len(WARM.steps)
    return {
        "dripline_rows_per_second": rows / median(ours for ours, _ in pairs),
        "bare_rows_per_second": rows / median(theirs for _, theirs in pairs),
        "ratio": median(theirs / ours for ours, theirs in pairs),
    }


def _lead(number: int) -> NewLead:
    return NewLead(f"6012{number:07d}", name="Aina", triggers=("WARMEXAMA",))


def _enroll(drip: Dripline, leads: int) -> None:
    enrolled = drip.apply(WARM).enrolled
    if enrolled != leads:
        raise RuntimeError(f"{enrolled} of {leads} leads were enrolled: the figure would be wrong")


def _seconds(plain: Bare, work: Callable[[], None]) -> float:
    plain.run(*EMPTY)
    plain.tidy()
    elapsed = stopwatch()
    work()
    return elapsed()
