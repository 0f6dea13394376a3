"""What a person looks at first: what went, what needs them, what waits and why, and what comes next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dripline.core.alerts import Alert, AlertKind
from dripline.core.queries.report import SequenceReport
from dripline.core.reason import ReasonCode
from dripline.core.records.waiting import WaitCause, Waiting, WaitingGroup
from dripline.core.views.calendar import Calendar


class NeedHelp(StrEnum):
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


_HELP: Mapping[AlertKind, NeedHelp] = {
    AlertKind.NO_PROCESSOR: NeedHelp.START_PROCESSOR,
    AlertKind.DATABASE_COPIED: NeedHelp.SETTLE_RESTORED,
    AlertKind.SENDER_OFFLINE: NeedHelp.TRY_SENDER,
    AlertKind.CHANNEL_MISSING: NeedHelp.SET_UP_CHANNEL,
    AlertKind.CHANNEL_OFFLINE: NeedHelp.SET_UP_CHANNEL,
    AlertKind.MAILBOX_CLOSED: NeedHelp.OPEN_MAILBOX,
    AlertKind.STEP_STOPPED: NeedHelp.FIX_TEXT,
    AlertKind.NOT_CONFIRMED: NeedHelp.REVIEW_UNCONFIRMED,
    AlertKind.MAYBE_STOPPED: NeedHelp.DECIDE_STOPS,
    AlertKind.HOURS_NEVER_MEET: NeedHelp.CHANGE_HOURS,
    AlertKind.IMPORT_UNFINISHED: NeedHelp.CONTINUE_IMPORT,
    AlertKind.PROVIDER_NOTICE: NeedHelp.OPEN_ACCOUNT,
    AlertKind.WEBHOOK_DISABLED: NeedHelp.OPEN_WEBHOOKS,
    AlertKind.WRONG_CLOCK: NeedHelp.SET_CLOCK,
}
"""What helps, by what it helps with: the gravest first, in which order a person sees them."""

_RECONNECTED = frozenset(
    {ReasonCode.NEEDS_PAIRING, ReasonCode.CREDENTIAL_LOCKED, ReasonCode.CREDENTIAL_UNUSABLE, ReasonCode.ACCOUNT_UNWELL}
)
"""Why a sender is offline that trying again does not help."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs a person, and the button that helps.

    `name` is that of the sender, the sequence, the channel or the list that it is about. `count`: how many messages or
    leads wait for it, where that is known; `since`: since when.
    """

    kind: AlertKind
    help: NeedHelp = field(kw_only=True)
    text: str = field(kw_only=True)
    name: str = field(default="", kw_only=True)
    step: int | None = field(default=None, kw_only=True)
    count: int | None = field(default=None, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    reason_code: ReasonCode | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class DayResults:
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
    """The next messages of a step: when the first and the last of them are expected to go. `count`, or more."""

    sequence: str
    step: int = field(kw_only=True)
    count: int = field(kw_only=True)
    is_more: bool = field(default=False, kw_only=True)
    at: datetime = field(kw_only=True)
    until: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Today:
    """Everything that a person looks at first. `week` are the three days before today, and the three after it."""

    at: datetime
    results: DayResults = field(kw_only=True)
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
    helps = NeedHelp.RECONNECT_SENDER if alert.reason_code in _RECONNECTED else _HELP[alert.kind]
    return Need(
        alert.kind,
        help=helps,
        text=alert.told,
        name=alert.name,
        step=alert.step,
        count=alert.count,
        reason=alert.reason,
        reason_code=alert.reason_code,
    )


def _of_waiting(waiting: Waiting) -> Iterator[Need]:
    """Yield what is seen by what waits: that nobody sends, and channels that are missing."""
    idle = sum(group.count for group in waiting.groups if group.cause is WaitCause.NO_PROCESSOR)
    if idle:
        text = "No processor is at work, and nothing is sent: start one with dripline run."
        yield Need(
            AlertKind.NO_PROCESSOR, help=NeedHelp.START_PROCESSOR, text=text, count=idle, since=waiting.due_since
        )
    missing = {group.channel for group in waiting.groups if group.cause is WaitCause.CHANNEL_MISSING}
    for channel in sorted(name for name in missing if name is not None):
        count = sum(
            group.count
            for group in waiting.groups
            if group.cause is WaitCause.CHANNEL_MISSING and group.channel == channel
        )
        text = f"The channel {channel!r} is not set up here, and its messages wait: configure it."
        yield Need(AlertKind.CHANNEL_MISSING, help=NeedHelp.SET_UP_CHANNEL, text=text, name=channel, count=count)


def _with_what_waits(need: Need, groups: Iterable[WaitingGroup]) -> Need:
    """Return a need with how many messages wait for it, and since when, where a cause is about the same thing."""
    about = {AlertKind.SENDER_OFFLINE: WaitCause.SENDER_OFFLINE, AlertKind.STEP_STOPPED: WaitCause.STEP_STOPPED}
    cause = about.get(need.kind)
    for group in groups:
        if group.cause is cause and need.name in {group.sender, group.sequence} and group.step == need.step:
            return replace(need, count=group.count, since=group.since)
    return need
