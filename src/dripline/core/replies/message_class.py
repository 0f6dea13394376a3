"""What a message was taken for, and why: what was done about it is then no riddle to whoever reads it."""

from collections.abc import Iterable
from enum import StrEnum

from dripline.core.events.inbound import Keyword
from dripline.core.reason import Reason, ReasonCode
from dripline.core.replies.stopping import STOP_WORDS, Wish, is_stop_button, near_stop_in, plain


class MessageClass(StrEnum):
    """What a message is: it stopped its lead, may ask to stop, was written by a program, or is none of these."""

    STOP = "stop"
    NEAR_STOP = "near_stop"
    AUTO_REPLY = "auto_reply"
    REPLY = "reply"


_CLASSES = {Wish.STOP: MessageClass.STOP, Wish.MAYBE_STOP: MessageClass.NEAR_STOP}
_ASKED = {Wish.START: ReasonCode.SAID_START, Wish.HELP: ReasonCode.SAID_HELP}


def class_of(wish: Wish) -> MessageClass:
    """Return what a message is that a person wrote, by what it asks for."""
    return _CLASSES.get(wish, MessageClass.REPLY)


def reason_for(
    wish: Wish, text: str, words: Iterable[str] = STOP_WORDS, *, button: str = "", keyword: Keyword | None = None
) -> Reason | None:
    """Return why a message was taken for what it asks for; None where nothing in it asks for anything."""
    match wish:
        case Wish.STOP:
            return _stopped(text, words, button, keyword)
        case Wish.MAYBE_STOP:
            return _near(text, button, [*words])
        case Wish.START | Wish.HELP:
            return Reason.of(_ASKED[wish])
        case Wish.NOTHING:
            return None


def _stopped(text: str, words: Iterable[str], button: str, keyword: Keyword | None) -> Reason:
    if keyword is not None:
        return Reason.of(ReasonCode.PROVIDER_SAID_STOP)
    if button and is_stop_button(button, words):
        return Reason.of(ReasonCode.PRESSED_STOP)
    return Reason.of(ReasonCode.SAID_STOP, word=plain(text))


def _near(text: str, button: str, words: Iterable[str]) -> Reason:
    found = near_stop_in(text, words) or near_stop_in(button, words)
    # A message that was taken for one without a phrase of ours: the provider's word, or rules that changed since.
    return (
        Reason.of(ReasonCode.PROVIDER_SAID_STOP)
        if found is None
        else Reason(ReasonCode.HOLDS_STOP_WORD, {"word": found.phrase, "others": found.others})
    )
