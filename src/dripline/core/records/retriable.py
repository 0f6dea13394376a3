"""May a failed record be sent again? Only if its enrollment then stands at one record, in order, and sends none twice.

A failed record is sent again where its enrollment has done nothing since: what comes after it was never tried. Either
the next step only waits for its time, and then waits for this one as well; or the failure ended the enrollment, and it
goes on from here; or it was the last step.
"""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field

from dripline.core.explain import words
from dripline.core.reason import Reason, ReasonCode
from dripline.core.sequences.policy import OnUnknown
from dripline.core.states import Status


@dataclass(frozen=True, slots=True)
class Later:
    """A record behind the one that failed."""

    step: int
    status: Status = field(kw_only=True)
    attempt: int = field(kw_only=True)
    reason: Reason | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Failed:
    """A record that is to be sent again, and what stands around it.

    `ended`: why its enrollment ended, None while it is live. `then`: the trigger that its end fires. `keeper`: what
    else keeps its lead from going on, such as another run of the same sequence.
    """

    status: Status
    reason: Reason | None = field(kw_only=True)
    outcomes: Listing[str | None] = field(kw_only=True)
    later: Listing[Later] = field(kw_only=True)
    ended: Reason | None = field(kw_only=True)
    leaving: Reason | None = field(default=None, kw_only=True)
    suppressed: str | None = field(default=None, kw_only=True)
    keeper: str | None = field(default=None, kw_only=True)
    then: str | None = field(default=None, kw_only=True)
    on_unknown: str = field(default=OnUnknown.ADVANCE, kw_only=True)


def keeps_from_again(failed: Failed) -> str | None:
    """Say what keeps a record from being sent again; None if nothing does."""
    if failed.status is not Status.FAILED:
        return f"it has not failed: it is {failed.status}"
    if failed.suppressed is not None:
        return f"its lead is not sent to: {failed.suppressed}"
    return _blocked_by_attempts(failed) or (
        _blocked_by_enrollment(failed) if failed.ended is None else _blocked_by_end(failed)
    )


def _blocked_by_attempts(failed: Failed) -> str | None:
    if "accepted" in failed.outcomes:
        return "a try of it was accepted after all"
    is_in_doubt = any(outcome in {None, "unknown"} for outcome in failed.outcomes)
    if is_in_doubt and failed.on_unknown != OnUnknown.RESEND:
        return "nobody knows of one of its tries whether it went"
    tried = next((later for later in failed.later if later.attempt), None)
    return None if tried is None else f"step {tried.step} was tried after it"


def _blocked_by_enrollment(failed: Failed) -> str | None:
    """Say what of a live enrollment keeps it: it must stand at the next step and wait for nothing but its time."""
    if failed.leaving is not None:
        return f"its lead is leaving: {words(failed.leaving)}"
    standing = failed.later[0].status if failed.later else None
    if standing is Status.PAUSED:
        return "its run is paused: resume it first"
    if standing is not Status.ACTIVE:
        return "its run does not stand at the step after it"
    return _blocked_by_status(failed.later[1:], Status.PENDING)


def _blocked_by_end(failed: Failed) -> str | None:
    """Say what of an ended enrollment keeps it: it must have ended for this failure, or at its last step."""
    assert failed.ended is not None
    is_completed = failed.ended.code is ReasonCode.COMPLETED
    if failed.later if is_completed else failed.ended != failed.reason:
        return f"its run has ended: {words(failed.ended)}"
    if failed.then is not None and is_completed:
        return f"its run has ended and given its lead the trigger {failed.then}, which would begin once more"
    if any(later.reason != failed.reason for later in failed.later):
        return "its run did not end for this failure alone"
    return failed.keeper or _blocked_by_status(failed.later, Status.CANCELLED)


def _blocked_by_status(later: Listing[Later], expected: Status) -> str | None:
    other = next((one for one in later if one.status is not expected), None)
    return None if other is None else f"step {other.step} is {other.status} meanwhile"
