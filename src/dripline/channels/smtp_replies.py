"""What a mail server's refusal is about: the mailbox, us, how much we send, or this one mail.

The enhanced status code says it where there is one (RFC 3463 §3). Servers often leave it out, and then their words do:
a mailbox is called wrong only where they name it as the reason, for who is barred by mistake is never written to again.
The words are those of Exim, Postfix, Sendmail, qmail and Exchange.
"""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Final

RATE_REST: Final = timedelta(hours=1)
"""How long a sender rests that has sent too much by its server's count: the server names no time."""


class Meaning(StrEnum):
    """What a refusal is about."""

    MAILBOX = "mailbox"
    SENDER = "sender"
    RATE = "rate"
    MAIL = "mail"
    LATER = "later"


_FIRST_PERMANENT = 500
_OF_THE_MAILBOX = frozenset({550, 551, 553})
_OF_THE_SESSION = frozenset({503, 530, 534, 535, 538})
"""A login, or a command before it, is missing (RFC 4954 §6, RFC 5321 §4.2.4)."""

_ENHANCED = re.compile(r"\s*5\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS, _SECURITY, _SENDERS_ADDRESS = 1, 7, frozenset({7, 8})
_RATES = frozenset({(4, 5), (4, 6), (7, 28)})
"""Congestion, which large providers use for quotas, and theirs for rates (Google: 5.4.5, 5.4.6; 5.7.28)."""

_TOO_MUCH = re.compile(
    r"overlimit|(?:sending|send|daily|hourly|rate|message)[ -](?:user )?(?:sending )?(?:limit|quota|rate)"
    r"|too many (?:mail|message|recipient)|limits? (?:is |was |has been )?exceeded|rate (?:limit|exceed)",
    re.IGNORECASE,
)

_AGAINST_US = re.compile(
    r"relay|authenti|not logged in|black ?list|block ?list|dnsbl|rbl\b|spamhaus|reputation|helo\b|ehlo\b"
    r"|sender (?:verify|address|domain|denied|rejected)|spf\b|dkim|dmarc|reverse dns|ptr record|your ip\b|client host"
    r"|not (?:allowed|permitted|authori[sz]ed) to (?:send|relay)",
    re.IGNORECASE,
)
"""Words about the server that sends, its login or its address. One that could be about the receiver is not here: a
sender that rests for a message that is never taken would rest for ever."""

_OUR_ACCOUNT = re.compile(r"account (?:is |has been |was )?(?:suspended|disabled|closed|locked)", re.IGNORECASE)

_NO_MAILBOX = re.compile(
    r"(?:user|mailbox|recipient|address|account|addressee|customer|person|alias).{0,40}"
    r"(?:unknown|not (?:exist|found|known|valid|here|listed)|doesn.t exist|no longer|invalid|unavailable|disabled"
    r"|inactive|undeliverable)"
    r"|(?:unknown|invalid|no such|bad|nonexistent|unrouteable|undeliverable) "
    r"(?:local )?(?:user|mailbox|recipient|address|account|person|destination|alias|domain)"
    r"|no mailbox|not our customer",
    re.IGNORECASE,
)


def meaning(code: int, words: str) -> Meaning:
    """Say what a refusal is about: of RCPT, or of DATA, where none is about the mailbox."""
    if code < _FIRST_PERMANENT:
        return Meaning.LATER
    if code in _OF_THE_SESSION:
        return Meaning.SENDER
    enhanced = _ENHANCED.match(words)
    if enhanced is None:
        return _by_its_words(code, words)
    subject, detail = int(enhanced[1]), int(enhanced[2])
    if subject == _ADDRESS:
        return _of_an_address(code, detail)
    if (subject, detail) in _RATES or _TOO_MUCH.search(words):
        return Meaning.RATE
    is_about_us = subject == _SECURITY and (_AGAINST_US.search(words) or _OUR_ACCOUNT.search(words))
    return Meaning.SENDER if is_about_us else Meaning.MAIL


def _of_an_address(code: int, detail: int) -> Meaning:
    if detail in _SENDERS_ADDRESS:
        return Meaning.SENDER
    return Meaning.MAILBOX if code in _OF_THE_MAILBOX else Meaning.MAIL


def _by_its_words(code: int, words: str) -> Meaning:
    if _TOO_MUCH.search(words):
        return Meaning.RATE
    if _AGAINST_US.search(words):
        return Meaning.SENDER
    return Meaning.MAILBOX if code in _OF_THE_MAILBOX and _NO_MAILBOX.search(words) else Meaning.MAIL
