"""What each of Twilio's error codes means for the message, the contact, the sender or the account.

The same codes come in an answer and, later, in a status. A code that is not here is tried twice more, then rejected.

Source: Twilio, error and warning dictionary, as of 2026-11; what they lead to is this project's choice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from dripline.core.outcome import Outcome, Rejected, RetryLater, Scope, SenderUnavailable

UNCERTAIN_TRIES = 2
"""How often an error is tried again that may pass, or not."""


@dataclass(frozen=True, slots=True)
class TwilioError:
    """An error that Twilio told. `failures`: the failed tries of the record before this one.

    `is_template`: what it refused was a template.
    """

    code: int
    text: str = field(kw_only=True)
    failures: int = field(default=0, kw_only=True)
    is_template: bool = field(default=False, kw_only=True)


def error_text(code: int, message: object) -> str:
    """Say what Twilio said: the code and its message."""
    return f"Twilio error {code}: {message if isinstance(message, str) and message else 'without a word'}"


_Rule = Callable[[TwilioError], Outcome]


def is_known(code: int) -> bool:
    """Return whether a code says for certain what became of a message."""
    return code in _RULES


def outcome_of(error: TwilioError) -> Outcome:
    """Say what an error leads to."""
    return _RULES.get(error.code, _a_few_times)(error)


def _the_sender_rests(error: TwilioError) -> Outcome:
    return RetryLater(error.text, scope=Scope.SENDER)


def _never(scope: Scope = Scope.MESSAGE, *, suppress: bool = False) -> _Rule:
    return lambda error: Rejected(error.text, scope=scope, suppress=suppress)


def _until_a_person_acts(scope: Scope) -> _Rule:
    return lambda error: SenderUnavailable(error.text, scope=scope)


def _a_few_times(error: TwilioError) -> Outcome:
    return RetryLater(error.text) if error.failures < UNCERTAIN_TRIES else Rejected(error.text)


def _filtered(error: TwilioError) -> Outcome:
    """Once may be chance; a carrier that filters again has something against the sender or what it writes."""
    return RetryLater(error.text) if error.failures == 0 else SenderUnavailable(error.text)


def _written_too_long_ago(error: TwilioError) -> Outcome:
    """Free text goes again as the step's template; a template that is refused so is no template."""
    if error.is_template:
        return Rejected(error.text, scope=Scope.TEMPLATE)
    return RetryLater(error.text, after=timedelta(0), scope=Scope.CONVERSATION)


_CODES: tuple[tuple[tuple[int, ...], _Rule], ...] = (
    # The account's name or token is wrong, or there is no such account.
    ((20003, 20404), _until_a_person_acts(Scope.ACCOUNT)),
    # The number that sends is none, or is not this account's, or sends no messages; it is no WhatsApp sender.
    ((21212, 21659, 21660, 21661, 63007), _until_a_person_acts(Scope.SENDER)),
    # Too much at once: for the API, for the sender's queue, for WhatsApp.
    ((20429, 30001, 63018), _the_sender_rests),
    # The person wrote STOP to this sender, or blocked it.
    ((21610, 63014), _never(Scope.CONTACT, suppress=True)),
    # The number is none, or a landline, or nobody's.
    ((21211, 21614, 21635, 30005, 30006), _never(Scope.CONTACT)),
    # The phone is off.
    ((30003,), _a_few_times),
    # A carrier took the message for spam.
    ((30007,), _filtered),
    # WhatsApp holds marketing back from this person, as part of an experiment.
    ((63032,), _never()),
    # Outside the 24 hours after the person's last message only a template goes.
    ((63016,), _written_too_long_ago),
)

_RULES = {code: rule for codes, rule in _CODES for code in codes}
