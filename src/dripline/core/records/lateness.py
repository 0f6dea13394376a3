"""Late steps: what a step that goes, or would go, past its time means for the rest of its enrollment (semantics §5).

Two clocks tell lateness apart. A step is *respaced* against its place in its enrollment's calendar: whatever held it
up, an outage, a window, a slow lane, the gaps after it hold. A step is *skipped* against the time at which the rules
let it go: one that a rule moved is not late when it goes then.

Whatever the policy, `keep` apart, two messages of one enrollment never go closer together than half of the wait between
them. So no grace is longer than half of the wait that follows, and `earliest` holds back what would come too soon.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.sequences.policy import Policy, WhenLate

SECOND = timedelta(seconds=1)

ONE_LOOK = timedelta(seconds=15)
"""How late a step may be that a processor found at its next look: it is skipped for nothing shorter, however short the
waits are. (Its run keeps its distance all the same.)"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that went before a step, or may have gone, and the wait that the sequence has between the two."""

    at: datetime
    wait: timedelta = field(kw_only=True)


def grace_of(policy: Policy, wait_after: timedelta | None) -> timedelta:
    """Return how late a step may go before it counts as late; `wait_after`: the next wait that is not 0, if any."""
    return policy.grace if wait_after is None else min(policy.grace, wait_after / 2)


def moves_by(policy: Policy, planned: datetime, accepted: datetime, wait_after: timedelta | None = None) -> timedelta:
    """Return by how much the rest of an enrollment moves after a step was accepted: zero for one within the grace.

    `planned` is the record's place in its enrollment's calendar, earlier moves of that calendar included.
    """
    late = accepted - planned
    return late if policy.when_late is WhenLate.RESPACE and late > grace_of(policy, wait_after) else timedelta(0)


def is_passed_over(policy: Policy, due: datetime, now: datetime, wait_after: timedelta | None = None) -> bool:
    """Return whether a step that might have gone at `due` is too late to go now, where late ones are skipped."""
    if policy.when_late is not WhenLate.SKIP:
        return False
    return now - due > max(grace_of(policy, wait_after), min(policy.grace, ONE_LOOK))


def earliest(when_late: WhenLate, due: datetime, before: Iterable[Sent], ready: datetime | None = None) -> datetime:
    """Return when a step that is due at `due` may go at the earliest: `due`, unless it would come too soon.

    `ready` is when the step before it ended: where that was later than `due`, a rule had held it up, and the step after
    it is not late for that. None where it was passed over as late itself.
    """
    if when_late is WhenLate.KEEP:
        return due
    held = ready if when_late is WhenLate.SKIP and ready is not None else due
    return max(due, held, *(_next_second(sent.at + sent.wait / 2) for sent in before))


def _next_second(instant: datetime) -> datetime:
    whole = instant.replace(microsecond=0)
    return whole if whole == instant else whole + SECOND
