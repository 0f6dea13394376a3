"""What a channel can answer, and what each answer leads to (semantics §5).

A channel returns one of five outcomes and never raises for a provider's error. `consequence` turns an outcome into
what the store has to write.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar, assert_never

from dripline.core.reason import TEXT_LIMIT, Reason, ReasonCode
from dripline.core.sequences.policy import OnFailure, Policy
from dripline.core.time.schedule import FAILURE_LIMIT, backoff

ERROR_LIMIT = TEXT_LIMIT
"""How much of a provider's error text is kept, in characters."""


class Scope(StrEnum):
    """How far a failure reaches."""

    MESSAGE = "message"
    CONTACT = "contact"
    TEMPLATE = "template"
    CONVERSATION = "conversation"
    SENDER = "sender"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message. `provider_id` is its name for it; without one, "(none given)" is kept.

    `aliases` are other names under which it knows the person: they are kept, so that what comes back is known.
    """

    provider_id: str
    aliases: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class RetryLater:
    """The provider did not take it, and may later: after `after` where it says so, else as backoff decides.

    `after` is a timedelta, or a number of seconds; it is a timedelta, or None, once the outcome is made. `scope` says
    whether this message, this contact, the sender (it rests, no attempt is burned) or its whole account is to wait;
    conversation: the contact wrote too long ago for free text, and the step is to go as its template.
    """

    error: str = ""
    after: timedelta | float | None = field(default=None, kw_only=True)
    scope: Scope | str = field(default=Scope.MESSAGE, kw_only=True)

    def __post_init__(self) -> None:
        if isinstance(self.after, int | float):
            object.__setattr__(self, "after", timedelta(seconds=self.after))

    @property
    def wait(self) -> timedelta | None:
        """`after` as the timedelta that it is, if it was given."""
        return timedelta(seconds=self.after) if isinstance(self.after, int | float) else self.after


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider will never take it.

    `scope` says whether this message, this contact (its enrollment ends) or this template (the step is paused for
    everyone) is refused. `suppress` also bars the contact's address from all later sends.
    """

    error: str = ""
    scope: Scope | str = field(default=Scope.MESSAGE, kw_only=True)
    suppress: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class SenderUnavailable:
    """The sender cannot send until `until`, or, without it, until a person acts. No attempt is burned.

    An `until` without a time zone is taken as UTC. `scope` says whether that is this sender or its whole account.
    `warm_ok`: it may still answer people who wrote to it; everyone else waits, longer each time.
    """

    error: str = ""
    until: datetime | None = field(default=None, kw_only=True)
    scope: Scope | str = field(default=Scope.SENDER, kw_only=True)
    warm_ok: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.until is not None and self.until.tzinfo is None:
            object.__setattr__(self, "until", self.until.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Unknown:
    """The bytes may have left, and no answer came. It is never blindly sent again."""

    error: str = ""


Outcome = Accepted | RetryLater | Rejected | SenderUnavailable | Unknown


@dataclass(frozen=True, slots=True)
class Complete:
    """The record is completed and the next one becomes active."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Retry:
    """The record is due again after `delay`, with one more failed try.

    `closes_conversation`: the contact is to be taken as one who did not write lately.
    """

    delay: timedelta
    reason: Reason = field(kw_only=True)
    closes_conversation: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Fail:
    """The record has failed. The enrollment goes on with the next one unless `ends_enrollment`."""

    reason: Reason
    ends_enrollment: bool = field(default=False, kw_only=True)
    suppress: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class PauseStep:
    """The record stays due, and its step is paused for everyone until its text is corrected."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class HoldSender:
    """The record stays due, untouched, and nothing more goes through this sender until `until`, or for `rest`.

    `whole_account`: nor through any other sender of its channel.
    """

    reason: Reason
    until: datetime | None = field(default=None, kw_only=True)
    rest: timedelta | None = field(default=None, kw_only=True)
    whole_account: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class HoldCold:
    """The record stays due, untouched, and nothing more goes through this sender to people who never wrote to it."""

    reason: Reason
    until: datetime | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class HandBack:
    """The record stays due, untouched: it was claimed, and its worker stopped before it was sent."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Lose:
    """The record is unknown; it is held for `delay`, or due again at once where the channel is idempotent."""

    reason: Reason
    delay: timedelta = field(kw_only=True)


Consequence = Complete | Retry | Fail | PauseStep | HoldSender | HoldCold | HandBack | Lose


def consequence(outcome: Outcome, *, record_id: int, attempt: int, failures: int, policy: Policy) -> Consequence:
    """Say what an outcome leads to, for a record with `failures` failed tries before this one."""
    match outcome:
        case Accepted():
            return Complete(outcome.provider_id)
        case RetryLater(scope=Scope.SENDER | Scope.ACCOUNT):
            reason = Reason.of(ReasonCode.SENDER_RETRY, error=outcome.error)
            return HoldSender(reason, rest=outcome.wait, whole_account=outcome.scope == Scope.ACCOUNT)
        case RetryLater():
            return failed(_retried(outcome, record_id, attempt, failures + 1), policy)
        case Rejected():
            return failed(_rejected(outcome), policy)
        case SenderUnavailable():
            return _unavailable(outcome)
        case Unknown():
            return Lose(Reason.of(ReasonCode.NO_ANSWER, error=outcome.error), delay=policy.hold)
        case _:
            assert_never(outcome)


Other = TypeVar("Other")


def failed(consequence: Fail | Other, policy: Policy) -> Fail | Other:
    """Return a failure as the sequence takes it: where it stops on failure, the enrollment ends with the step."""
    if isinstance(consequence, Fail) and policy.on_failure is OnFailure.STOP:
        return replace(consequence, ends_enrollment=True)
    return consequence


def _unavailable(outcome: SenderUnavailable) -> HoldSender | HoldCold:
    if outcome.warm_ok:
        return HoldCold(Reason.of(ReasonCode.COLD, error=outcome.error), until=outcome.until)
    reason = Reason.of(ReasonCode.SENDER_UNAVAILABLE, error=outcome.error)
    return HoldSender(reason, until=outcome.until, whole_account=outcome.scope == Scope.ACCOUNT)


def _retried(outcome: RetryLater, record_id: int, attempt: int, failures: int) -> Retry | Fail:
    if failures >= FAILURE_LIMIT:
        return Fail(Reason.of(ReasonCode.GIVEN_UP, tries=failures, error=outcome.error))
    delay = backoff(record_id, attempt, failures) if outcome.wait is None else outcome.wait
    return Retry(
        max(delay, timedelta(seconds=1)),
        reason=Reason.of(ReasonCode.RETRY, error=outcome.error),
        closes_conversation=outcome.scope == Scope.CONVERSATION,
    )


def _rejected(outcome: Rejected) -> Fail | PauseStep:
    if outcome.scope == Scope.TEMPLATE:
        return PauseStep(Reason.of(ReasonCode.TEMPLATE_REJECTED, error=outcome.error))
    if outcome.scope == Scope.CONTACT:
        reason = Reason.of(ReasonCode.CONTACT_REJECTED, error=outcome.error)
        return Fail(reason, ends_enrollment=True, suppress=outcome.suppress)
    return Fail(Reason.of(ReasonCode.PROVIDER_REJECTED, error=outcome.error), suppress=outcome.suppress)
