"""A sender's own credential as it may be shown: its fields, how it stands, what was checked. Never a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

VALUE_LIMIT = 4_096
"""How long one field of a credential may be, in characters."""


@dataclass(frozen=True, slots=True)
class CredentialField:
    """One field that a channel asks for: `where` a person finds it, and whether it `is_secret`.

    `is_generated`: it is made up where none is given, to be copied to the provider.
    """

    name: str
    title: str = field(kw_only=True)
    description: str = field(default="", kw_only=True)
    where: str = field(default="", kw_only=True)
    is_secret: bool = field(default=False, kw_only=True)
    is_required: bool = field(default=False, kw_only=True)
    is_generated: bool = field(default=False, kw_only=True)
    default: str | None = field(default=None, kw_only=True)
    choices: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class ConnectableChannel:
    """A channel whose senders may have credentials of their own, and what it asks for.

    `account`: what a sender of it calls its account, and where that is found; None where it needs none.
    """

    name: str
    fields: tuple[CredentialField, ...] = field(kw_only=True)
    account: CredentialField | None = field(default=None, kw_only=True)
    has_webhook: bool = field(default=False, kw_only=True)


class SecretSource(StrEnum):
    """How a secret is kept: encrypted in the database, or as where it is."""

    STORED = "stored"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Credential:
    """A sender's own credential, without its secrets.

    `plain`: the fields that are none. `secrets`: which secrets are set, and how each is kept. `key_id` names the key
    that encrypts it. `problem` says why it cannot be used, in this process. `webhook`: the path that its provider
    posts to, below where the dashboard is reached. `called_at`: when the provider last posted there.
    """

    sender: str
    channel: str = field(kw_only=True)
    account: str | None = field(kw_only=True)
    plain: Mapping[str, str] = field(kw_only=True, hash=False)
    secrets: Mapping[str, SecretSource] = field(kw_only=True, hash=False)
    key_id: str = field(kw_only=True)
    webhook: str = field(kw_only=True)
    set_at: datetime = field(kw_only=True)
    set_by: str = field(kw_only=True)
    called_at: datetime | None = field(kw_only=True)
    problem: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class SenderWebhook:
    """What a provider is to be given so that it posts to us: an address, and the secrets that we made up for it.

    `url` is None where nobody set from where the dashboard is reached; `path` is then its end.
    """

    path: str
    url: str | None = field(kw_only=True)
    secrets: Mapping[str, str] = field(kw_only=True, hash=False, repr=False)
    called_at: datetime | None = field(kw_only=True)


class FactCode(StrEnum):
    """What is checked of a credential."""

    LOGIN = "login"
    ACCOUNT = "account"
    WEBHOOK = "webhook"
    RECEIVING = "receiving"


class FactState(StrEnum):
    """What a check found: it holds, it does not, or nobody could be asked."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CredentialFact:
    """One thing that was checked at the provider, and what it said; `text` never holds a secret."""

    code: FactCode
    state: FactState = field(kw_only=True)
    text: str = field(kw_only=True)


def holds(code: FactCode, text: str) -> CredentialFact:
    """Return that something holds."""
    return CredentialFact(code, state=FactState.HOLDS, text=text)


def fails(code: FactCode, text: str) -> CredentialFact:
    """Return that something does not hold."""
    return CredentialFact(code, state=FactState.FAILS, text=text)


def not_known(code: FactCode, text: str) -> CredentialFact:
    """Return that nobody could be asked."""
    return CredentialFact(code, state=FactState.UNKNOWN, text=text)


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """What encrypting credentials with another key came to: how many were, and whose could not be read."""

    key_id: str
    changed: int = field(kw_only=True)
    unreadable: tuple[str, ...] = field(kw_only=True)
