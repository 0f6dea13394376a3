"""Failures in words: what a group of them has in common, and what can be done about it."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from dripline.core.reason import ReasonCode
from dripline.core.views.failures import FailureGroup
from dripline.web.clock_words import day_clock, time_span


@dataclass(frozen=True, slots=True)
class FailureText:
    """What a reason is called over a group, and what helps.

    `fixes_text`: the step's text has to be mended first. `helps_retry`: to send them again may come to something.
    """

    title: str
    advice: str = field(default="", kw_only=True)
    fixes_text: bool = field(default=False, kw_only=True)
    helps_retry: bool = field(default=True, kw_only=True)


TEXTS = {
    ReasonCode.GIVEN_UP: FailureText(
        "The provider could not take them", advice="Each was tried as often as its sequence allows."
    ),
    ReasonCode.PROVIDER_REJECTED: FailureText(
        "The provider refused the message", advice="Open one to see what the provider says."
    ),
    ReasonCode.CONTACT_REJECTED: FailureText(
        "The provider cannot reach these people",
        advice="Their numbers or addresses are not there, or they blocked you. Retrying does not help.",
        helps_retry=False,
    ),
    ReasonCode.NO_ADDRESS: FailureText(
        "These people have no address for the channel", advice="Add the address to each lead, then retry."
    ),
    ReasonCode.CONTENT_INVALID: FailureText(
        "The text cannot be filled in for these people",
        advice="A detail is missing, or the text has a mistake. Fix the text, then retry.",
        fixes_text=True,
    ),
    ReasonCode.NOT_DELIVERED: FailureText("The provider says that they did not arrive"),
}
"""What is said of the reasons for which messages fail."""

OTHER = FailureText("They failed for another reason", advice="Open one to see what happened.")


def failure_text(group: FailureGroup) -> FailureText:
    """Return what is said of a group."""
    return TEXTS.get(group.reason_code, OTHER)


def when_text(group: FailureGroup, now: datetime, zone: str) -> str:
    """Say when a group failed."""
    first, last = (at.astimezone(ZoneInfo(zone)).date() for at in (group.since, group.until))
    if first == last:
        return time_span(group.since, group.until, now, zone)
    until = day_clock(group.until, now, zone)
    is_today = last == now.astimezone(ZoneInfo(zone)).date()
    return f"{day_clock(group.since, now, zone)} to {'today, ' if is_today else ''}{until}"


def chances_text(group: FailureGroup) -> str:
    """Say how many of a group can still be sent, and why the others cannot."""
    if not failure_text(group).helps_retry:
        return ""
    can, left = len(group.retriable), len(group.records) - len(group.retriable)
    if not left:
        return "It can still be sent." if can == 1 else f"All {can:,} can still be sent."
    if not can:
        return f"{_cannot(left)}: {next(iter(group.left))}." if len(group.left) == 1 else f"{_cannot(left)}."
    return f"{can:,} can still be sent; {left:,} of these people {'has' if left == 1 else 'have'} moved on."


def _cannot(left: int) -> str:
    return "It cannot be sent any more" if left == 1 else f"None of the {left:,} can be sent any more"
