"""What a sender's card says: how it stands in a word and a colour, what it does now, and the one button that helps."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dripline.core.explain import words
from dripline.core.reason import Reason, ReasonCode
from dripline.core.senders.sender import SenderStatus
from dripline.core.text import span_text
from dripline.core.views.senders import SenderState
from dripline.web.pages.senders.kinds import kind_of


class Help(StrEnum):
    """The one button that helps."""

    PAUSE = "Pause"
    RESUME = "Resume"
    TRY_NOW = "Try now"
    LINK = "Link the phone"
    CONNECT = "Connect again"


@dataclass(frozen=True, slots=True)
class Card:
    """`tone`: good, warn or bad. `doing`: what it does now."""

    tone: str
    doing: str = field(kw_only=True)
    help: Help = field(kw_only=True)


_WRONG = {
    ReasonCode.NEEDS_PAIRING: Help.LINK,
    ReasonCode.CREDENTIAL_LOCKED: Help.CONNECT,
    ReasonCode.CREDENTIAL_UNUSABLE: Help.CONNECT,
}


def card_of(state: SenderState, now: datetime) -> Card:
    """Return what a sender's card says at an instant."""
    wait = f" for {span_text(state.free_at - now)}" if state.free_at > now else ""
    if state.reason_code is not None and state.reason_code in _WRONG:
        return Card("bad", doing=f"Offline: {state.reason}", help=_WRONG[state.reason_code])
    if state.status is SenderStatus.PAUSED:
        return Card("warn", doing=f"Paused: {state.reason}", help=Help.RESUME)
    if state.is_broken:
        helps = Help.LINK if kind_of(state.sender.channel).is_by_phone else Help.TRY_NOW
        return Card(
            "bad", doing=f"Not sending{wait}: {state.wait_reason or 'its last messages were refused'}", help=helps
        )
    if state.cold_until is not None:
        return Card("warn", doing="Only answers who wrote to it first", help=Help.PAUSE)
    if wait:
        return Card(
            "good", doing=f"Rests{wait}: {state.wait_reason or words(Reason(ReasonCode.PACE))}", help=Help.PAUSE
        )
    return Card("good", doing=_at_work(state, now), help=Help.PAUSE)


def _at_work(state: SenderState, now: datetime) -> str:
    pace = state.sender.pace
    if (
        pace.warm_up
        and state.first_sent_at is not None
        and (day := (now - state.first_sent_at).days) < len(pace.warm_up)
    ):
        return f"Warming up, day {day + 1} of {len(pace.warm_up)}"
    if not state.due:
        return "Ready"
    return "Sending" if pace.gap == "0s" else f"Sending, one every {pace.gap}"


def limit_today(state: SenderState, now: datetime) -> int | None:
    """Return the most that a sender may send today; None where there is no limit."""
    begun = state.first_sent_at or now
    return state.sender.pace.daily_cap_on(max((now - begun).days, 0))
