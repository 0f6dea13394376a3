"""What each error code of a GOWA gateway means for the message, the contact or the sender.

The code is a word in the body; where there is none that is known, the HTTP status says what it can. A refusal to start
a chat is told by its number, 463, wherever it stands.

Source: GOWA (go-whatsapp-web-multidevice) 9.0.0, its error types and OpenAPI document, as of 2026-08; what they lead to
is this project's choice.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.channels.http.foreign_json import Object, text_of
from dripline.core.outcome import Outcome, Rejected, RetryLater, Scope, SenderUnavailable, Unknown

LOOKUP_TRIES = 3
"""How often somebody has to be called "not on WhatsApp", a day apart, before it is believed."""

UPLOAD_TRIES = 3
"""How often a message is tried whose file cannot be handed to WhatsApp."""

GATEWAY_IS_DOWN = 503
"""What the gateway answers before it has started, or where something before it stands in for it."""

_DAY = timedelta(days=1)

_CHAT_REFUSED = re.compile(r"\b463\b")
"""WhatsApp's own number for a refusal to start a chat, inside a sentence of the gateway."""


@dataclass(frozen=True, slots=True)
class GowaError:
    """An error that the gateway answered. `failures`: the failed tries of the record before this one."""

    code: str
    status: int = field(kw_only=True)
    text: str = field(kw_only=True)
    failures: int = field(default=0, kw_only=True)
    now: datetime = field(kw_only=True)


def code_of(body: Object) -> str:
    """Return the code of an answer. The gateway writes a word, and its own document a number: both are read."""
    code = body.get("code")
    return str(code) if isinstance(code, int) else text_of(code).strip().upper()


def error_text(code: str, status: int, body: Object) -> str:
    """Say what the gateway said: its code, its status and its sentence."""
    return f"GOWA error {code or 'without a code'} ({status}): {text_of(body.get('message')) or 'without a word'}"


def is_known(code: str) -> bool:
    """Return whether a code says by itself what it leads to."""
    return code in _RULES


def outcome_of(error: GowaError) -> Outcome:
    """Say what an error leads to."""
    if _CHAT_REFUSED.search(error.text):
        return _for_a_day(error)
    rule = _RULES.get(error.code) or _STATUSES.get(error.status)
    if rule is not None:
        return rule(error)
    if error.status >= _SERVER_ERROR:
        return _maybe_sent(error)
    return SenderUnavailable(f"{error.text}: check the gateway's base URL")


_Rule = Callable[[GowaError], Outcome]

_SERVER_ERROR = 500


def _for_a_day(error: GowaError) -> Outcome:
    """Trying again does not help, and who keeps trying stays locked; whoever wrote may still be answered."""
    return SenderUnavailable(error.text, until=error.now + _DAY, warm_ok=True)


def _until_a_person_acts(error: GowaError) -> Outcome:
    return SenderUnavailable(error.text)


def _for_every_device(error: GowaError) -> Outcome:
    """The gateway takes the login for all of its devices."""
    return SenderUnavailable(f"{error.text}: check the gateway's username and password", scope=Scope.ACCOUNT)


def _not_found_or_not_looked_up(error: GowaError) -> Outcome:
    """A lookup that failed is told in the very words of a number that is not on WhatsApp."""
    if error.failures + 1 >= LOOKUP_TRIES:
        return Rejected(error.text, scope=Scope.CONTACT)
    return RetryLater(error.text, after=_DAY, scope=Scope.CONTACT)


def _a_few_times(error: GowaError) -> Outcome:
    return Rejected(error.text) if error.failures + 1 >= UPLOAD_TRIES else RetryLater(error.text)


def _never(error: GowaError) -> Outcome:
    return Rejected(error.text)


def _gateway_is_down(error: GowaError) -> Outcome:
    return RetryLater(error.text, scope=Scope.SENDER)


def _maybe_sent(error: GowaError) -> Outcome:
    return Unknown(error.text)


_CODES: tuple[tuple[tuple[str, ...], _Rule], ...] = (
    # WhatsApp does not let this number start a chat.
    (("WA_REACHOUT_TIMELOCK",), _for_a_day),
    # The device is not linked, not connected or not there.
    (("AUTHENTICATION_ERROR", "DEVICE_NOT_FOUND", "DEVICE_ID_REQUIRED"), _until_a_person_acts),
    # The person is not on WhatsApp, or could not be looked up.
    (("INVALID_JID",), _not_found_or_not_looked_up),
    # The message is wrong.
    (("VALIDATION_ERROR", "INVALID_REQUEST"), _never),
    # The file did not reach WhatsApp, so that the message did not either.
    (("UPLOAD_MEDIA_ERROR",), _a_few_times),
    # The gateway has not started yet.
    (("DEVICE_MANAGER_UNAVAILABLE",), _gateway_is_down),
    # It may have gone: the gateway gave up while it waited for WhatsApp.
    (("INTERNAL_SERVER_ERROR", "INVALID_WA_CLI", "GATEWAY_TIMEOUT"), _maybe_sent),
)

_RULES = {code: rule for codes, rule in _CODES for code in codes}

_STATUSES: dict[int, _Rule] = {
    400: _never,
    # The gateway's own login; a device that is not logged in has a code.
    401: _for_every_device,
    422: _never,
    # The gateway itself limits nothing: 429 is what it makes of 463.
    429: _for_a_day,
    GATEWAY_IS_DOWN: _gateway_is_down,
}
"""What a status means beside a code that says nothing."""
