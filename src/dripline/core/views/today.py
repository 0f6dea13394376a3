"""What a person looks at first: what went, what needs them, what waits and why, and what comes next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dripline.core.alerts import Alert, AlertKind
from dripline.core.queries.report import SequenceReport
from dripline.core.reason import ReasonCode
from dripline.core.records.waiting import Cause, Waiting, WaitingGroup
from dripline.core.views.calendar import Calendar


class Help(StrEnum):
    """The button that helps: what a person does about something that needs them."""

    START_PROCESSOR = "start_processor"
    SETTLE_RESTORED = "settle_restored"
    RECONNECT_SENDER = "reconnect_sender"
    TRY_SENDER = "try_sender"
    SET_UP_CHANNEL = "set_up_channel"
    OPEN_MAILBOX = "open_mailbox"
    FIX_TEXT = "fix_text"
    REVIEW_UNCONFIRMED = "review_unconfirmed"
    DECIDE_STOPS = "decide_stops"
    CHANGE_HOURS = "change_hours"
    CONTINUE_IMPORT = "continue_import"
    OPEN_ACCOUNT = "open_account"
    OPEN_WEBHOOKS = "open_webhooks"
    SET_CLOCK = "set_clock"


_HELP: Mapping[AlertKind, Help] = {
    AlertKind.NO_PROCESSOR: Help.START_PROCESSOR,
    AlertKind.DATABASE_COPIED: Help.SETTLE_RESTORED,
    AlertKind.SENDER_OFFLINE: Help.TRY_SENDER,
    AlertKind.CHANNEL_MISSING: Help.SET_UP_CHANNEL,
    AlertKind.CHANNEL_OFFLINE: Help.SET_UP_CHANNEL,
    AlertKind.MAILBOX_CLOSED: Help.OPEN_MAILBOX,
    AlertKind.STEP_STOPPED: Help.FIX_TEXT,
    AlertKind.NOT_CONFIRMED: Help.REVIEW_UNCONFIRMED,
    AlertKind.MAYBE_STOPPED: Help.DECIDE_STOPS,
    AlertKind.HOURS_NEVER_MEET: Help.CHANGE_HOURS,
    AlertKind.IMPORT_UNFINISHED: Help.CONTINUE_IMPORT,
    AlertKind.PROVIDER_NOTICE: Help.OPEN_ACCOUNT,
    AlertKind.WEBHOOK_DISABLED: Help.OPEN_WEBHOOKS,
    AlertKind.WRONG_CLOCK: Help.SET_CLOCK,
}
"""What helps, by what it helps with: the gravest first, in which order a person sees them."""

_RECONNECTED = frozenset(
    {ReasonCode.NEEDS_PAIRING, ReasonCode.CREDENTIAL_LOCKED, ReasonCode.CREDENTIAL_UNUSABLE, ReasonCode.ACCOUNT_UNWELL}
)
"""Why a sender is offline that trying again does not help."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs a person, and the button that helps.

    `name` is that of the sender, the sequence, the channel or the list that it is about. `many`: how many messages or
    leads wait for it, where that is known; `since`: since when.
    """

    kind: AlertKind
    help: Help = field(kw_only=True)
    told: str = field(kw_only=True)
    name: str = field(default="", kw_only=True)
    step: int | None = field(default=None, kw_only=True)
    many: int | None = field(default=None, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    reason_code: ReasonCode | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Results:
    """What went in the last 24 hours: the present hour and the 23 before.

    `delivered` and `read` are of the last `receipts_of` messages that providers accepted in that time, 5,000 at most;
    what was read was delivered.
    """

    sent: int = field(kw_only=True)
    failed: int = field(kw_only=True)
    delivered: int = field(kw_only=True)
    read: int = field(kw_only=True)
    undelivered: int = field(kw_only=True)
    receipts_of: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class NextUp:
    """The next messages of a step: when the first and the last of them are expected to go. `many`, or more."""

    sequence: str
    step: int = field(kw_only=True)
    many: int = field(kw_only=True)
    is_more: bool = field(default=False, kw_only=True)
    at: datetime = field(kw_only=True)
    until: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Today:
    """Everything that a person looks at first. `week` are the three days before today, and the three after it."""

    at: datetime
    results: Results = field(kw_only=True)
    needs: tuple[Need, ...] = field(kw_only=True)
    waiting: Waiting = field(kw_only=True)
    next_up: tuple[NextUp, ...] = field(kw_only=True)
    week: Calendar = field(kw_only=True)
    sequences: tuple[SequenceReport, ...] = field(kw_only=True)
    leads: int = field(kw_only=True)
    has_processor: bool = field(kw_only=True)


def needs_of(alerts: Iterable[Alert], waiting: Waiting) -> tuple[Need, ...]:
    """Return what needs a person, the gravest first, with how much waits for each."""
    order = {kind: place for place, kind in enumerate(_HELP)}
    found = sorted((*map(_need, alerts), *_of_waiting(waiting)), key=lambda need: order[need.kind])
    return tuple(_with_what_waits(need, waiting.groups) for need in found)


def _need(alert: Alert) -> Need:
    helps = Help.RECONNECT_SENDER if alert.reason_code in _RECONNECTED else _HELP[alert.kind]
    return Need(
        alert.kind,
        help=helps,
        told=alert.told,
        name=alert.name,
        step=alert.step,
        many=alert.many,
        reason=alert.reason,
        reason_code=alert.reason_code,
    )


def _of_waiting(waiting: Waiting) -> Iterator[Need]:
    """Yield what is seen by what waits: that nobody sends, and channels that are missing."""
    idle = sum(group.many for group in waiting.groups if group.cause is Cause.NO_PROCESSOR)
    if idle:
        told = "No processor is at work, and nothing is sent: start one with dripline run."
        yield Need(AlertKind.NO_PROCESSOR, help=Help.START_PROCESSOR, told=told, many=idle, since=waiting.due_since)
    missing = {group.channel for group in waiting.groups if group.cause is Cause.CHANNEL_MISSING}
    for channel in sorted(name for name in missing if name is not None):
        many = sum(
            group.many for group in waiting.groups if group.cause is Cause.CHANNEL_MISSING and group.channel == channel
        )
        told = f"The channel {channel!r} is not set up here, and its messages wait: configure it."
        yield Need(AlertKind.CHANNEL_MISSING, help=Help.SET_UP_CHANNEL, told=told, name=channel, many=many)


def _with_what_waits(need: Need, groups: Iterable[WaitingGroup]) -> Need:
    """Return a need with how many messages wait for it, and since when, where a cause is about the same thing."""
    about = {AlertKind.SENDER_OFFLINE: Cause.SENDER_OFFLINE, AlertKind.STEP_STOPPED: Cause.STEP_STOPPED}
    cause = about.get(need.kind)
    for group in groups:
        if group.cause is cause and need.name in {group.sender, group.sequence} and group.step == need.step:
            return replace(need, many=group.many, since=group.since)
    return need
