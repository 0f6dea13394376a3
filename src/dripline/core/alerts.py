"""What waits for a person, in words that name the thing and the remedy; never anybody's number or text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dripline.core.explain import words, words_or_none
from dripline.core.reason import Reason, ReasonCode, code_of
from dripline.core.text import counted


class AlertKind(StrEnum):
    """What waits for a person."""

    SENDER_OFFLINE = "sender_offline"
    CHANNEL_OFFLINE = "channel_offline"
    CHANNEL_MISSING = "channel_missing"
    MAILBOX_CLOSED = "mailbox_closed"
    STEP_STOPPED = "step_stopped"
    NOT_CONFIRMED = "not_confirmed"
    MAYBE_STOPPED = "maybe_stopped"
    HOURS_NEVER_MEET = "hours_never_meet"
    PROVIDER_NOTICE = "provider_notice"
    WEBHOOK_DISABLED = "webhook_disabled"
    DATABASE_COPIED = "database_copied"
    WRONG_CLOCK = "wrong_clock"
    NO_PROCESSOR = "no_processor"
    IMPORT_UNFINISHED = "import_unfinished"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that waits for a person. `thing` names it for good, `state` changes when it is worth telling again.

    `name` is that of the sender, the sequence or the channel that it is about; `step` the place of the step, `count`
    the number of messages or leads, where it is about such.
    """

    thing: str
    kind: AlertKind = field(kw_only=True)
    told: str = field(kw_only=True)
    name: str = field(default="", kw_only=True)
    state: str = field(default="", kw_only=True)
    step: int | None = field(default=None, kw_only=True)
    count: int | None = field(default=None, kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    reason_code: ReasonCode | None = field(default=None, kw_only=True)


def broken_sender(name: str, reason: Reason | None) -> Alert:
    """Say that a sender is broken."""
    text = f"The sender {name} cannot send: {words_or_none(reason) or 'it failed'}. See dripline senders."
    return Alert(
        f"sender {name}",
        kind=AlertKind.SENDER_OFFLINE,
        told=text,
        name=name,
        reason=words_or_none(reason),
        reason_code=code_of(reason),
    )


def unwell_sender(name: str, reason: Reason) -> Alert:
    """Say that a sender is held since its account cannot send."""
    text = f"The sender {name} cannot send: {words(reason)}."
    return Alert(
        f"sender {name}",
        kind=AlertKind.SENDER_OFFLINE,
        told=text,
        name=name,
        reason=words(reason),
        reason_code=reason.code,
    )


def unfinished_import(import_id: int, name: str, rows: int) -> Alert:
    """Say that a list came in only in part."""
    text = f"The list {name!r} ended early after {counted(rows, 'row')}: import it again, and it goes on from there."
    return Alert(f"import {import_id}", kind=AlertKind.IMPORT_UNFINISHED, told=text, name=name, count=rows)


def broken_channel(channel: str, reason: Reason | None) -> Alert:
    """Say that a channel gave out, as far as messages go by it without a sender."""
    why = words_or_none(reason) or "it failed"
    text = f"The channel {channel} takes nothing: {why}. One message is tried now and then, and the others wait."
    return Alert(
        f"rest of {channel}",
        kind=AlertKind.CHANNEL_OFFLINE,
        told=text,
        name=channel,
        reason=words_or_none(reason),
        reason_code=code_of(reason),
    )


def closed_mailbox(channel: str, name: str, problem: str) -> Alert:
    """Say that nobody hears what people answer into a mailbox."""
    text = f"The mailbox {name} cannot be read, and nobody hears what people answer: {problem}."
    return Alert(f"mailbox {name} of {channel}", kind=AlertKind.MAILBOX_CLOSED, told=text, name=name, reason=problem)


def paused_step(step_id: str, sequence: str, position: int, reason: Reason) -> Alert:
    """Say that a step is paused for everyone. Why is what is worth telling again."""
    text = f"Step {position} of {sequence!r} is paused for everyone: {words(reason)}. Correct its text and apply it."
    return Alert(
        f"step {step_id}",
        kind=AlertKind.STEP_STOPPED,
        told=text,
        name=sequence,
        state=json.dumps(reason.as_json()),
        step=position,
        reason=words(reason),
        reason_code=reason.code,
    )


def disabled_subscription(subscription_id: str) -> Alert:
    """Say that a program is told nothing more of what happens."""
    text = f"The subscription {subscription_id} takes nothing, and is told nothing more. See dripline events."
    return Alert(f"subscription {subscription_id}", kind=AlertKind.WEBHOOK_DISABLED, told=text)


def restored_copy() -> Alert:
    """Say that the database was seen to be a copy, so that nothing is sent."""
    text = (
        "This database is a backup that was put back, or a copy, and nothing is sent: say what may have gone since "
        "with dripline restored, or let everything go on with dripline resume."
    )
    return Alert("restored copy", kind=AlertKind.DATABASE_COPIED, told=text)


def provider_notice(notice_id: int, channel: str, text: str, at: str) -> Alert:
    """Say what a provider told of an account of ours; `at` is when, which is worth telling again."""
    sentence = f"The provider of {channel} says of your account: {text}. Look at the account there."
    return Alert(
        f"notice {notice_id}", kind=AlertKind.PROVIDER_NOTICE, told=sentence, name=channel, state=at, reason=text
    )


def maybe_stopped(leads: int, last: str) -> Alert:
    """Say that leads may have asked to stop; `last` names what the last of them wrote, which is worth telling again."""
    who = counted(leads, "lead")
    text = (
        f"{who} may have asked to stop, and nothing is sent there until you have decided: see dripline maybe-stopped."
    )
    return Alert("maybe stopped", kind=AlertKind.MAYBE_STOPPED, told=text, state=last, count=leads)


CLOCK = "clock"
"""What names the trouble of a clock that is wrong: one machine's, so that another cannot tell when it is over."""


def wrong_clock(behind: timedelta) -> Alert:
    """Say that this machine's clock differs from the database server's; `behind` is negative where it is ahead."""
    seconds = round(abs(behind).total_seconds())
    differs = f"{seconds} s {'behind' if behind > timedelta(0) else 'ahead of'}"
    text = f"This machine's clock is {differs} the database server's, which is used instead: synchronize both with NTP."
    return Alert(CLOCK, kind=AlertKind.WRONG_CLOCK, told=text, state=differs)


def jumped_clock(ahead: timedelta) -> Alert:
    """Say that this machine's clock was set, where there is no other; `ahead` is negative where it was set back."""
    seconds = round(abs(ahead).total_seconds())
    differs = f"{seconds} s {'ahead' if ahead > timedelta(0) else 'back'}"
    text = f"This machine's clock was set {differs} while dripline ran, which goes by it: set it right, with NTP."
    return Alert(CLOCK, kind=AlertKind.WRONG_CLOCK, told=text, state=differs)


def missing_channel(channel: str, waiting: int) -> Alert:
    """Say that what is due has waited for long for a channel that this process does not have."""
    wait = "waits" if waiting == 1 else "wait"
    text = (
        f"{counted(waiting, 'message')} {wait} for the channel {channel!r}, which is not configured here: configure it."
    )
    return Alert(f"channel {channel}", kind=AlertKind.CHANNEL_MISSING, told=text, name=channel, count=waiting)


def unknown_records(sequence_id: str, sequence: str, count: int) -> Alert:
    """Say that records wait for a person to decide whether they went."""
    text = (
        f"Of {count} messages of {sequence!r} nobody knows whether they went, and their leads wait: dripline unknown."
    )
    return Alert(f"unknown {sequence_id}", kind=AlertKind.NOT_CONFIRMED, told=text, name=sequence, count=count)


def silent_hours(sequence_id: str, sequence: str, waiting: Mapping[str, int]) -> Alert:
    """Say that messages wait for hours that never come; `waiting` counts them by why, in words."""
    why = "; ".join(f"{silence} ({count})" for silence, count in sorted(waiting.items()))
    count = sum(waiting.values())
    messages = counted(count, "message")
    text = f"{messages} of {sequence!r} can never go: {why}. Change the quiet hours, the window or the senders."
    return Alert(
        f"hours {sequence_id}",
        kind=AlertKind.HOURS_NEVER_MEET,
        told=text,
        name=sequence,
        state=", ".join(sorted(waiting)),
        count=count,
        reason=why,
    )
