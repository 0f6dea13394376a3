"""What a channel can say of an account that lives elsewhere: whether it can send, or that nobody knows."""

from dataclasses import dataclass, field

from dripline.core.reason import Reason, ReasonCode


@dataclass(frozen=True, slots=True)
class Well:
    """The account can send."""


@dataclass(frozen=True, slots=True)
class Unwell:
    """The account cannot send, for the reason; `needs_pairing`: until a person links it to a phone again.

    `has_credential`: its own credential is why: it cannot be used, or, where `is_locked`, its key is not here.
    """

    reason: str
    needs_pairing: bool = field(default=False, kw_only=True)
    has_credential: bool = field(default=False, kw_only=True)
    is_locked: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Unsure:
    """Nobody could be asked, or the answer says nothing: whatever was known before still stands."""

    reason: str


Health = Well | Unwell | Unsure


def held_reason(health: Unwell, sender: str) -> Reason:
    """Say why a sender is held whose account cannot send, and what a person can do."""
    if health.needs_pairing:
        return Reason.of(ReasonCode.NEEDS_PAIRING, sender=sender)
    if health.is_locked:
        return Reason.of(ReasonCode.CREDENTIAL_LOCKED, sender=sender)
    if health.has_credential:
        return Reason.of(ReasonCode.CREDENTIAL_UNUSABLE, error=health.reason)
    return Reason.of(ReasonCode.ACCOUNT_UNWELL, error=health.reason)
