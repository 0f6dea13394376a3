"""What each error code of the WhatsApp Cloud API means for the message, the contact, the sender or the account.

Meta asks to build on `code` and nothing else. A code that is not here is tried twice more, then rejected.

Source: Meta, Cloud API error codes, as of 2026-09; what they lead to is this project's choice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from dripline.core.leads.phone import is_in_region
from dripline.core.outcome import Outcome, Rejected, RetryLater, Scope, SenderUnavailable

PAIR_REST_LIMIT = timedelta(hours=1)
"""The longest wait for a number that was written to too often."""

MARKETING_TRIES = 2
"""How often a marketing message is tried that Meta holds back from somebody, a day apart; more makes it worse."""

UNCERTAIN_TRIES = 2
"""How often an error is tried again that may pass, or not."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CloudError:
    """An error that the Cloud API answered. `failures`: the failed tries of the record before this one.

    `is_template`: what it refused was a template.
    """

    code: int
    text: str = field(kw_only=True)
    is_transient: bool = field(default=False, kw_only=True)
    failures: int = field(default=0, kw_only=True)
    is_template: bool = field(default=False, kw_only=True)
    to: str = field(kw_only=True)
    now: datetime = field(kw_only=True)


def error_text(code: int, error: Mapping[str, object]) -> str:
    """Say what Meta said: the code, its message and its details."""
    data = error.get("error_data")
    details = cast("Mapping[str, object]", data).get("details") if isinstance(data, dict) else None
    said = dict.fromkeys(part for part in (error.get("message"), details) if isinstance(part, str) and part)
    return f"WhatsApp error {code}: {'; '.join(said) or 'without a word'}"


_Rule = Callable[[CloudError], Outcome]


def outcome_of(error: CloudError) -> Outcome:
    """Say what an error leads to."""
    rule = _RULES.get(error.code)
    if rule is not None:
        return rule(error)
    return RetryLater(error.text) if error.is_transient else _a_few_times(error)


def _later(scope: Scope = Scope.MESSAGE, after: timedelta | None = None) -> _Rule:
    return lambda error: RetryLater(error.text, after=after, scope=scope)


def _never(scope: Scope = Scope.MESSAGE, *, suppress: bool = False) -> _Rule:
    return lambda error: Rejected(error.text, scope=scope, suppress=suppress)


def _until_a_person_acts(scope: Scope = Scope.SENDER) -> _Rule:
    return lambda error: SenderUnavailable(error.text, scope=scope)


def _for_a_day(error: CloudError) -> Outcome:
    return SenderUnavailable(error.text, until=error.now + _DAY)


def _a_few_times(error: CloudError) -> Outcome:
    return RetryLater(error.text) if error.failures < UNCERTAIN_TRIES else Rejected(error.text)


def _once_more(error: CloudError) -> Outcome:
    return RetryLater(error.text) if error.failures == 0 else Rejected(error.text)


def _longer_each_time(error: CloudError) -> Outcome:
    """Meta's own advice for the pair rate: 4^X seconds."""
    rest = min(timedelta(seconds=4 ** min(error.failures, 6)), PAIR_REST_LIMIT)
    return RetryLater(error.text, after=rest, scope=Scope.CONTACT)


def _marketing_held_back(error: CloudError) -> Outcome:
    """Not before a day has passed, twice at most; never to the United States, where Meta delivers no marketing."""
    if error.failures >= MARKETING_TRIES or is_in_region(error.to, "US"):
        return Rejected(error.text)
    return RetryLater(error.text, after=_DAY, scope=Scope.CONTACT)


def _written_too_long_ago(error: CloudError) -> Outcome:
    """Free text goes again as the step's template; a template that is refused so is no template."""
    if error.is_template:
        return Rejected(error.text, scope=Scope.TEMPLATE)
    return RetryLater(error.text, after=timedelta(0), scope=Scope.CONVERSATION)


_CODES: tuple[tuple[tuple[int, ...], _Rule], ...] = (
    # It may pass.
    ((2, 131000, 131016, 133004), _later()),
    # It may pass, or the request is wrong.
    ((1,), _a_few_times),
    # Too much: of the app or business account, of the number, of this number to this person.
    ((4, 80007), _later(Scope.ACCOUNT)),
    ((130429,), _later(Scope.SENDER, timedelta(seconds=10))),
    ((131056,), _longer_each_time),
    # The number is being upgraded or looked after.
    ((131057, 2494100), _later(Scope.SENDER, timedelta(minutes=5))),
    # The number's quality: too many blocks and reports.
    ((131048, 131064), _for_a_day),
    # Marketing that Meta holds back from this person: for now; as part of an experiment; since they asked for it.
    ((131049,), _marketing_held_back),
    ((130472,), _never()),
    ((131050,), _never(Scope.CONTACT, suppress=True)),
    # Outside the 24 hours after the person's last message only a template goes.
    ((131047,), _written_too_long_ago),
    # This person cannot be reached: not on WhatsApp, not on the test list, ourselves, in a country that is blocked.
    ((131026, 131030, 131021, 130497), _never(Scope.CONTACT)),
    ((130403,), _never(Scope.CONTACT, suppress=True)),
    # The message is wrong.
    ((131062, 100, 131008, 131009, 131051, 135000), _never()),
    ((131052, 131053), _once_more),
    # The template is wrong, missing, switched off or paused, for everybody.
    ((132000, 132005, 132012, 132018, 132001, 132007, 132016, 131063, 132015), _never(Scope.TEMPLATE)),
    ((134101,), _later(after=timedelta(minutes=10))),
    # The number is gone, not registered, or its name is not approved.
    ((33, 131045, 133010, 131037), _until_a_person_acts()),
    # Token, permissions, policy, billing and terms are the account's.
    ((0, 3, 10, 190, *range(200, 300), 131005), _until_a_person_acts(Scope.ACCOUNT)),
    ((368, 131031, 131042, 134011), _until_a_person_acts(Scope.ACCOUNT)),
)

_RULES = {code: rule for codes, rule in _CODES for code in codes}
