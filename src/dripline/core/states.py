"""The life of a step record: which event moves which status where. Rule 1: nothing else names a transition.

A record is written as ``active`` (the first step) or ``pending`` (the others). The processor *claims* an active
record that is due and sends it, unless a rule turns it away; what the provider answers *settles* it. A record that
reached a final status never moves again, but for an ``unknown`` one that a late receipt completes, a policy resends or
a worker that lives takes back: it was cut off from the database, and knows the answer.
One that waits for another try is completed by a late answer to an earlier one.

Only a person brings back what failed (`core.records.retriable` says which): it is sent again, and what came after it
*waits* for it once more, or is *restored* if it was cancelled for that failure.

The SQL in ``store/sql`` announces the moves of each statement (``-- moves:``), and a test holds them against this
table, as it holds the CHECK constraint of ``sequence_contacts`` against `Status`.
"""

from enum import StrEnum


class Status(StrEnum):
    """The status of a step record, as it stands in ``sequence_contacts.status``."""

    PENDING = "pending"
    ACTIVE = "active"
    SENDING = "sending"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Transition(StrEnum):
    """What can happen to a step record."""

    ACTIVATE = "activate"
    CLAIM = "claim"
    ACCEPT = "accept"
    REJECT = "reject"
    RETRY = "retry"
    RELEASE = "release"
    LOSE = "lose"
    RESEND = "resend"
    TAKE_BACK = "take back"
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    CANCEL = "cancel"
    WAIT = "wait"
    RESTORE = "restore"


FINAL = frozenset({Status.COMPLETED, Status.SKIPPED})
"""Statuses that nothing leaves. ``unknown`` joins them once its enrollment has gone on without it; ``failed`` and
``cancelled`` are left only when a person sends what failed again."""

CURRENT = frozenset({Status.ACTIVE, Status.SENDING, Status.PAUSED})
"""Statuses of which a live enrollment has exactly one record (an ``unknown`` one that is held counts as well)."""

TRANSITIONS: dict[tuple[Status, Transition], Status] = {
    (Status.PENDING, Transition.ACTIVATE): Status.ACTIVE,
    (Status.ACTIVE, Transition.CLAIM): Status.SENDING,
    (Status.SENDING, Transition.ACCEPT): Status.COMPLETED,
    (Status.SENDING, Transition.REJECT): Status.FAILED,
    (Status.SENDING, Transition.RETRY): Status.ACTIVE,
    (Status.SENDING, Transition.RELEASE): Status.ACTIVE,
    (Status.SENDING, Transition.CANCEL): Status.CANCELLED,
    (Status.SENDING, Transition.SKIP): Status.SKIPPED,
    (Status.SENDING, Transition.PAUSE): Status.PAUSED,
    (Status.SENDING, Transition.LOSE): Status.UNKNOWN,
    (Status.UNKNOWN, Transition.ACCEPT): Status.COMPLETED,
    (Status.UNKNOWN, Transition.REJECT): Status.FAILED,
    (Status.UNKNOWN, Transition.RESEND): Status.ACTIVE,
    (Status.UNKNOWN, Transition.TAKE_BACK): Status.SENDING,
    (Status.ACTIVE, Transition.ACCEPT): Status.COMPLETED,
    (Status.PAUSED, Transition.ACCEPT): Status.COMPLETED,
    (Status.ACTIVE, Transition.PAUSE): Status.PAUSED,
    (Status.PAUSED, Transition.RESUME): Status.ACTIVE,
    (Status.ACTIVE, Transition.SKIP): Status.SKIPPED,
    (Status.PENDING, Transition.SKIP): Status.SKIPPED,
    (Status.PENDING, Transition.CANCEL): Status.CANCELLED,
    (Status.ACTIVE, Transition.CANCEL): Status.CANCELLED,
    (Status.PAUSED, Transition.CANCEL): Status.CANCELLED,
    (Status.FAILED, Transition.RESEND): Status.ACTIVE,
    (Status.ACTIVE, Transition.WAIT): Status.PENDING,
    (Status.CANCELLED, Transition.RESTORE): Status.PENDING,
}


def advance(status: Status, event: Transition) -> Status:
    """Return the status that `event` leads to.

    Raises:
        ValueError: Nothing in the table lets `event` happen to a record in `status`.
    """
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise ValueError(f"a record that is {status} cannot {event}") from None
