"""What a person does to records by hand: what each way is called, which records it is for, and what it comes to."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime

from dripline.app import Dripline
from dripline.core.queries.filters import StatusGroup
from dripline.core.states import Status
from dripline.core.text import counted
from dripline.core.views.records import BulkResult
from dripline.errors import InvalidFilter

REASONS_SHOWN = 5
"""How many reasons are told why records were left as they are."""


@dataclass(frozen=True, slots=True)
class Action:
    """One way. `text` says what will happen; `outcome` what has, of so many; `is_harsh`: it cannot be taken back."""

    word: str
    name: str = field(kw_only=True)
    standings: tuple[StatusGroup, ...] = field(kw_only=True)
    text: str = field(kw_only=True)
    outcome: str = field(kw_only=True)
    do: Callable[[Dripline, Listing[int], datetime | None], BulkResult] = field(kw_only=True)
    is_harsh: bool = field(default=False, kw_only=True)
    takes_time: bool = field(default=False, kw_only=True)


def _rescheduled(drip: Dripline, ids: Listing[int], at: datetime | None) -> BulkResult:
    if at is None:
        raise InvalidFilter("No time was given: write how long from now, or a time.")
    return drip.records.reschedule(ids, at)


_UNSENT = (StatusGroup.PENDING, StatusGroup.ACTIVE, StatusGroup.PAUSED)

RETRY = Action(
    "retry",
    name="Retry",
    standings=(StatusGroup.FAILED,),
    text="Failed messages are sent again, and their leads go on from there. One is left as it is where a later "
    "step was tried since, where its lead opted out, or where nobody knows whether it went after all.",
    outcome="sent again",
    do=lambda drip, ids, _: drip.records.retry(ids),
)

ACTIONS = (
    RETRY,
    Action(
        "send-now",
        name="Send now",
        standings=(StatusGroup.ACTIVE,),
        text="They are due at once, before their time. Sending hours, gaps and the pace of senders still hold.",
        outcome="due now",
        do=lambda drip, ids, _: drip.records.send_now(ids),
    ),
    Action(
        "reschedule",
        name="Reschedule",
        standings=_UNSENT,
        text="None goes before the new time, nor before the step before it.",
        outcome="set for another time",
        do=_rescheduled,
        takes_time=True,
    ),
    Action(
        "skip",
        name="Skip this step",
        standings=(StatusGroup.ACTIVE,),
        text="The step at which each lead stands is not sent; its next step goes at its own time. "
        "This cannot be taken back.",
        outcome="skipped",
        do=lambda drip, ids, _: drip.records.skip(ids),
        is_harsh=True,
    ),
    Action(
        "cancel",
        name="Cancel",
        standings=_UNSENT,
        text="They are not sent, and neither is what comes after them in their sequence. This cannot be taken back.",
        outcome="cancelled, with what came after",
        do=lambda drip, ids, _: drip.records.cancel(ids),
        is_harsh=True,
    ),
)
"""All ways, in the order in which they are shown."""


def action_of(word: str) -> Action:
    """Return a way by its word.

    Raises:
        InvalidFilter: There is none.
    """
    found = next((action for action in ACTIONS if action.word == word), None)
    if found is None:
        raise InvalidFilter("Nothing was chosen to be done: use one of the buttons.")
    return found


def actions_for(status: Status) -> list[Action]:
    """Return what can be done to a record of a status."""
    return [action for action in ACTIONS if status.value in action.standings]


def done_text(action: Action, done: BulkResult) -> str:
    """Say to how many records something was done."""
    count = len(done.records)
    return f"{counted(count, 'message')} {'is' if count == 1 else 'are'} {action.outcome}." if count else ""


def refused_text(done: BulkResult) -> str:
    """Say how many records were left as they are, and why."""
    if not done.refused:
        return ""
    reasons = Counter(one.reason for one in done.refused).most_common()
    sentences = [
        f"{reason} ({count:,})" if len(done.refused) > 1 else reason for reason, count in reasons[:REASONS_SHOWN]
    ]
    more = f"; and {len(reasons) - REASONS_SHOWN} other reasons" if len(reasons) > REASONS_SHOWN else ""
    count = len(done.refused)
    left = "1 was left as it is" if count == 1 else f"{count:,} were left as they are"
    return f"{left}: {'; '.join(sentences)}{more}."
