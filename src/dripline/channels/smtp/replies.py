"""What a mail server's refusal is about: the mailbox, us, how much we send, or this one mail.

The enhanced status code says it where there is one (RFC 3463 §3). Servers often leave it out, and then their words do.
Who is suppressed by mistake is never written to again, so only five codes bar, or plain words that say that there is no
such mailbox; whatever else a server says, its operator and ours can put right. The words are those of Exim, Postfix,
Sendmail, qmail, Exchange, and of Google, Microsoft, Yahoo, Amazon SES, Mailgun, SendGrid, QQ and Mail.ru.
"""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Final

RATE_REST: Final = timedelta(hours=1)
"""How long a sender rests that has sent too much by its server's count: the server names no time."""


class RefusalKind(StrEnum):
    """What a refusal is about."""

    MAILBOX = "mailbox"
    SENDER = "sender"
    RATE = "rate"
    MAIL = "mail"
    LATER = "later"


_FIRST_PERMANENT = 500
_CLOSING = 421
_FULL = 552
_WORDS_MAY_BAR = frozenset({550, 551, 553, 554})
_OF_THE_SESSION = frozenset({503, 530, 534, 535, 538})
"""A login, or a command before it, is missing (RFC 4954 §6, RFC 5321 §4.2.4)."""

_ENHANCED = re.compile(r"\A\s*#?[45]\.(\d{1,3})\.(\d{1,3})\b|\(?#5\.(\d{1,3})\.(\d{1,3})\b")
"""At the beginning, or behind a ``#``, as qmail writes it at the end."""

_ADDRESSES = re.compile(r"<[^<>\s]*>|[^\s<>()]+@[^\s<>()]+")
"""Addresses that a server repeats: what one is called says nothing."""

_SECURITY = 7
_MAY_BE_ABOUT_US = frozenset({0, 1, 2, 5, _SECURITY})
_NO_MAILBOX_CODES = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10)})
_SENDERS_ADDRESS = frozenset({(1, 7), (1, 8)})
_RATES = frozenset({(4, 5), (4, 6), (7, 28)})
"""Congestion, which large providers use for quotas, and theirs for rates (Google: 5.4.5, 5.4.6; 5.7.28)."""

_OUR_STANDING = frozenset((7, detail) for detail in (8, 9, *range(20, 28), 54, 57, 60, 64, 139, *range(500, 505)))
_MICROSOFTS = range(506, 800)
"""RFC 3463 and its registry: login, DKIM, SPF, reverse DNS. Microsoft's own: relaying, banned senders, tenants."""

_RECEIVERS_RULE = re.compile(r"RESOLVER\.RST|for (?:this|the) group|blocked by the recipient", re.IGNORECASE)
_RECEIVERS_RULES = frozenset((7, detail) for detail in (12, 120, 124, 129, 133, 134, 135, 136, 505))
"""Exchange: this mailbox or group takes no mail from outside. No login of ours changes that."""

_TOO_MUCH = re.compile(
    r"over ?limit|(?:sending|send|daily|hourly|rate|message|submission)[ -]?(?:user )?(?:message )?(?:sending )?"
    r"(?:limit|quota|rate)|quota ?exceeded|too many|limits? (?:is |was |has been "
    r")?exceeded|rate (?:limit|exceed)|(?:rate|maximum credits) (?:is |was )?exceeded|throttl|unusual rate"
    r"|frequency limited|exceeded (?:the )?(?:threshold|limit)",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\bsize\b|mailbox (?:is )?(?:full|over)|over quota", re.IGNORECASE)

_LOGIN = re.compile(
    r"(?<!un)authent|authoriz(?:ed|ation) (?:is )?required|not logged in|log ?in|username|credentials"
    r"|\brelay(?!.recipient)|relaying|rcpthosts|pop before smtp|starttls",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"black ?list|block ?list|\bblocked? (?:list|using|by [\w.-]*(?:bl|spamhaus)|sender)|deny ?list|dnsbl|\b[sdr]*bl\b"
    r"|spamhaus|spamcop|barracuda|proofpoint|reputation|banned|(?:ip|host|server|network|connections?)\b.{0,60}"
    r"(?:blocked|rejected|refused|denied|not (?:accepted|be accepted))|spam ip",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"sender|from address|mail from|envelope|sendas|send as\b|send from|return.path|badmailfrom|identit"
    r"|(?:not verified|unverified) (?:address|domain|identit)|address is not verified"
    r"|domain .{0,60}not allowed to send",
    re.IGNORECASE,
)
_STANDING = re.compile(
    r"helo\b|ehlo\b|spf\b|dkim|dmarc|unauthenticated|authentication level|reverse.?dns|\brdns\b"
    r"|ptr (?:resource )?record|your ip\b|ip (?:address )?(?:you.re using|sending|is not)|client host"
    r"|your (?:host|server|domain)"
    r"|not (?:allowed|permitted|authori[sz]ed) to (?:send|relay|perform)|unauthori[sz]ed ip",
    re.IGNORECASE,
)
_SUSPENDED = re.compile(r"\b(?:your|this|sender|sending) account\b|sending paused|tenant|spam abuse", re.IGNORECASE)
"""Words about the server that sends, its login, its address or its standing."""

_AN_ACCOUNT = re.compile(r"account (?:is |has been |was )?(?:suspended|disabled|closed|locked)", re.IGNORECASE)
"""Ours, where the code says that it is a matter of policy; without one it may be the receiver's."""

_NO_MAILBOX = re.compile(
    r"(?:user|mailbox|recipient|address|account|addressee|customer|person|alias)\b.{0,40}"
    r"(?:unknown|not (?:exist|found|known|valid|here|listed)|does(?:n.t| not) (?:exist|have)|no longer|invalid"
    r"|unavailable|undeliverable)"
    r"|(?:unknown|invalid|no such|bad|nonexistent|non-existent|unrouteable|unroutable|undeliverable) "
    r"(?:local |recipient )?(?:user|mailbox|recipient|address|account|person|destination|alias|domain)"
    r"|no mailbox|not our customer",
    re.IGNORECASE,
)

_NOT_ONLY_MISSING = re.compile(
    r"polic|block|denied|refused|spam|junk|prohibit|permission|temporar|try again|disabled|suspended|inactive|quota"
    r"|\bfull\b|security|content",
    re.IGNORECASE,
)
"""Words that leave open whether there is no such mailbox, where no code says it."""

_QUOTED_REPLY = re.compile(
    r"(?:said|was|response|callout verification failed)\W{1,4}([45]\d\d)[ -](.+)", re.DOTALL | re.IGNORECASE
)
"""What the receiver's own server answered, where ours asked it first and repeats that."""
_SENDER_VERIFY = re.compile(r"sender verif|verification failed for", re.IGNORECASE)

_GREYLISTED = re.compile(r"gr[ae]y.?list|address verification", re.IGNORECASE)

ASK = "ask its operator what is wrong"
_REMEDIES = (
    (
        _STANDING,
        (
            "does not trust this machine or the domain of the From address: set their HELO name, reverse DNS, SPF and "
            "DKIM, or send through your mail provider's server"
        ),
    ),
    (_LOGIN, "wants a login, or refuses ours: set or correct the username and password of this account"),
    (
        _LISTED,
        "has us on a list of those from whom it takes nothing: have us taken off it, or send through another server",
    ),
    (_FROM, "refuses the From address: set an address as `sender` that this account may send from"),
    (_SUSPENDED, f"has suspended this account: {ASK}"),
)


def meaning(code: int, words: str) -> RefusalKind:
    """Say what a refusal is about: of RCPT, or of DATA, where none is about the mailbox."""
    if code < _FIRST_PERMANENT:
        return RefusalKind.LATER
    text = _ADDRESSES.sub("", words)
    quoted = _QUOTED_REPLY.search(text)
    if quoted is not None and not _has(_SENDER_VERIFY, text):
        return meaning(int(quoted[1]), quoted[2])
    return _of_a_permanent(code, _enhanced(words), text)


def _of_a_permanent(code: int, enhanced: tuple[int, int] | None, text: str) -> RefusalKind:
    if enhanced in _RECEIVERS_RULES or _RECEIVERS_RULE.search(text):
        return RefusalKind.MAIL
    if enhanced in _RATES or _is_too_much(text):
        return RefusalKind.RATE
    if code in _OF_THE_SESSION or enhanced in _SENDERS_ADDRESS:
        return RefusalKind.SENDER
    return _by_its_words(code, text) if enhanced is None else _by_its_code(enhanced, text)


def is_busy_with_us(code: int, words: str) -> bool:
    """Return whether a refusal for now is of us, and not of the mailbox: the next one would be refused as well."""
    text = _ADDRESSES.sub("", words)
    if code >= _FIRST_PERMANENT or _GREYLISTED.search(text):
        return False
    return code == _CLOSING or _is_about_us(text) or _is_too_much(text)


def remedy(code: int, words: str) -> str:
    """Say what is wrong with us by a refusal, and what a person can do."""
    text = _ADDRESSES.sub("", words)
    if code in _OF_THE_SESSION:
        return _REMEDIES[1][1]
    if meaning(code, words) is RefusalKind.RATE:
        return "has taken as much of us as it takes: lower the caps of the sender, or ask its operator for more"
    remedies = (*_REMEDIES, (_AN_ACCOUNT, f"has suspended this account: {ASK}"))
    return next((said for pattern, said in remedies if pattern.search(text)), f"refuses us: {ASK}")


def _enhanced(words: str) -> tuple[int, int] | None:
    found = _ENHANCED.search(words)
    if found is None:
        return None
    subject, detail = (found[1], found[2]) if found[1] else (found[3], found[4])
    return int(subject), int(detail)


def _is_held_against_us(enhanced: tuple[int, int], text: str) -> bool:
    subject, detail = enhanced
    if enhanced in _OUR_STANDING or (subject == _SECURITY and detail in _MICROSOFTS):
        return True
    return subject in _MAY_BE_ABOUT_US and (_is_about_us(text) or (subject == _SECURITY and _has(_AN_ACCOUNT, text)))


def _is_about_us(text: str) -> bool:
    return any(_has(pattern, text) for pattern, _ in _REMEDIES)


def _is_too_much(text: str) -> bool:
    return _has(_TOO_MUCH, text) and not _has(_SIZE, text)


def _has(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None


def _is_plainly_about_us(text: str) -> bool:
    """Return whether words contradict a code of the mailbox, and name no missing one."""
    return _is_about_us(text) and not _NO_MAILBOX.search(text)


def _by_its_code(enhanced: tuple[int, int], text: str) -> RefusalKind:
    if enhanced in _NO_MAILBOX_CODES:
        return RefusalKind.SENDER if _is_plainly_about_us(text) else RefusalKind.MAILBOX
    return RefusalKind.SENDER if _is_held_against_us(enhanced, text) else RefusalKind.MAIL


def _by_its_words(code: int, text: str) -> RefusalKind:
    if _is_about_us(text):
        return RefusalKind.SENDER
    says_missing = code in _WORDS_MAY_BAR and _has(_NO_MAILBOX, text) and not _has(_NOT_ONLY_MISSING, text)
    return RefusalKind.MAILBOX if says_missing else RefusalKind.MAIL
