"""Late steps: what a step that goes, or would go, past its time means for the rest of its enrollment (semantics §5).

Two clocks tell lateness apart. A step is *respaced* against its place in its enrollment's calendar: whatever held it
up, an outage, a window, a slow lane, the gaps after it hold. A step is *skipped* against its own `next_trigger_time`:
one that a rule moved to a later time is not late when it goes then.
"""

from datetime import datetime, timedelta

from dripline.core.policy import Policy, WhenLate


def moves_by(policy: Policy, planned: datetime, accepted: datetime) -> timedelta:
    """Return by how much the rest of an enrollment moves after a step was accepted: zero for one within the grace.

    `planned` is the record's place in its enrollment's calendar, earlier moves of that calendar included.
    """
    late = accepted - planned
    return late if policy.when_late is WhenLate.RESPACE and late > policy.grace else timedelta(0)


def is_passed_over(policy: Policy, due: datetime, now: datetime) -> bool:
    """Return whether a step that was due at `due` is too late to go now, where late ones are skipped."""
    return policy.when_late is WhenLate.SKIP and now - due > policy.grace
