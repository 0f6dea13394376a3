"""What comes back from a provider: receipts of messages that it took, and what people wrote or decided.

Every event has a `key` under which it is taken once, however often and in whatever order the provider tells it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dripline.core.outcome import Outcome


class Delivery(StrEnum):
    """How far a message has come that a provider took. They arrive in any order; the furthest counts."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far one message has come, by the provider's id for it, and by its record where the provider repeats that.

    `failure` says what a failed delivery leads to, as a channel would have said it when it sent.
    """

    key: str
    provider_id: str = field(kw_only=True)
    record_id: int | None = field(default=None, kw_only=True)
    state: Delivery = field(kw_only=True)
    at: datetime = field(kw_only=True)
    failure: Outcome | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person wrote to the account `account`. One of `phone` (digits) and `user_id` names the person.

    `text` is empty where they sent something else: a picture, a place. `name` is what they call themselves there.
    """

    key: str
    account: str = field(kw_only=True)
    phone: str | None = field(kw_only=True)
    user_id: str | None = field(default=None, kw_only=True)
    name: str = field(default="", kw_only=True)
    text: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Preference:
    """A person told the provider, not us, whether they want marketing from us."""

    key: str
    phone: str = field(kw_only=True)
    is_wanted: bool = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class NumberChanged:
    """A person goes by another phone now."""

    key: str
    old: str = field(kw_only=True)
    new: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class TemplateChanged:
    """A template of ours may be used again, or no more."""

    key: str
    template: str = field(kw_only=True)
    language: str = field(kw_only=True)
    status: str = field(kw_only=True)
    reason: str = field(default="", kw_only=True)
    at: datetime = field(kw_only=True)

    @property
    def is_usable(self) -> bool:
        """Whether it may be sent."""
        return self.status in {"APPROVED", "REINSTATED"}


@dataclass(frozen=True, slots=True)
class AccountNotice:
    """What the provider says about an account of ours, for the operator: its quality, its limits, its standing."""

    key: str
    what: str = field(kw_only=True)
    told: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ChatStarted:
    """A person opened a chat with a bot of ours. `token` is what their start link held, empty without one."""

    key: str
    chat: str = field(kw_only=True)
    token: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ChatBlocked:
    """A person blocked a bot of ours: nothing reaches them in this chat until they open it again."""

    key: str
    chat: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ChatMoved:
    """A chat goes by another id now."""

    key: str
    old: str = field(kw_only=True)
    new: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


Event = (
    Receipt
    | Reply
    | Preference
    | NumberChanged
    | TemplateChanged
    | AccountNotice
    | ChatStarted
    | ChatBlocked
    | ChatMoved
)
