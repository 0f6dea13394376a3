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


class Keyword(StrEnum):
    """What a provider itself took the words of a person for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class MessageKind(StrEnum):
    """What a person sent."""

    TEXT = "text"
    BUTTON = "button"
    PICTURE = "picture"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    STICKER = "sticker"
    PLACE = "place"
    CONTACT = "contact"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person wrote to the account `account`. `phone` (digits), `user_id` or `email` names the person.

    `record_id`: the record whose message they answer, where that is known: it is its lead who wrote.

    `text` is empty where they sent something else, which `kind` tells: a picture, a place; a picture's text is what
    stands below it. `name` is what they call themselves there.
    `button`: what stands behind the button or the row of a list that they pressed, as whoever made the message chose
    it; `text` is then its label. `is_edit`: they changed words that they had written before. `keyword`: what the
    provider took the words for, where it says so.
    """

    key: str
    account: str = field(kw_only=True)
    phone: str | None = field(kw_only=True)
    user_id: str | None = field(default=None, kw_only=True)
    name: str = field(default="", kw_only=True)
    text: str = field(kw_only=True)
    at: datetime = field(kw_only=True)
    button: str = field(default="", kw_only=True)
    is_edit: bool = field(default=False, kw_only=True)
    keyword: Keyword | None = field(default=None, kw_only=True)
    email: str | None = field(default=None, kw_only=True)
    record_id: int | None = field(default=None, kw_only=True)
    kind: MessageKind = field(default=MessageKind.TEXT, kw_only=True)


@dataclass(frozen=True, slots=True)
class AutomaticReply:
    """What a program wrote in a person's place, as while they are away: it is kept, and ends and pauses nothing.

    `sign`: by what it is known. `record_id`: the record whose message it answers, where that is known.
    """

    key: str
    account: str = field(kw_only=True)
    email: str = field(kw_only=True)
    record_id: int | None = field(default=None, kw_only=True)
    text: str = field(kw_only=True)
    sign: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class MailReturned:
    """A mail to an address came back, and what says so names no message: the last one that went there is meant."""

    key: str
    email: str = field(kw_only=True)
    failure: Outcome = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Preference:
    """A person told the provider, not us, whether they want marketing from us. `phone` or `user_id` names them."""

    key: str
    phone: str | None = field(kw_only=True)
    user_id: str | None = field(default=None, kw_only=True)
    is_wanted: bool = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class NumberChanged:
    """A person goes by another phone or id now. `also`: whatever else the provider knows them by."""

    key: str
    old: str = field(kw_only=True)
    new: str = field(kw_only=True)
    also: tuple[str, ...] = field(default=(), kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Named:
    """The provider told a phone and another name of the same person side by side."""

    key: str
    phone: str = field(kw_only=True)
    user_id: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


USABLE = frozenset({"APPROVED", "REINSTATED"})
"""The states in which a template may be sent."""

UNUSABLE = frozenset({
    "ACCOUNT_DISABLED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "LIMIT_EXCEEDED", "ARCHIVED",
    "PENDING_DELETION",
    "DELETED",
})  # fmt: skip
"""The states in which it may not. Any other, such as FLAGGED or LOCKED, is told and changes nothing."""


@dataclass(frozen=True, slots=True)
class TemplateChanged:
    """What a provider says of a template of ours: that it may be used again, or no more, or is at risk."""

    key: str
    template: str = field(kw_only=True)
    language: str = field(kw_only=True)
    status: str = field(kw_only=True)
    reason: str = field(default="", kw_only=True)
    at: datetime = field(kw_only=True)

    @property
    def is_usable(self) -> bool:
        """Whether it may be sent."""
        return self.status in USABLE

    @property
    def is_unusable(self) -> bool:
        """Whether it may not be sent."""
        return self.status in UNUSABLE

    @property
    def subject(self) -> str:
        """What names the template, however its language is written."""
        return f"template {self.template} {same_language(self.language)}"

    @property
    def text(self) -> str:
        """What an operator reads of it."""
        language = f" ({self.language})" if self.language else ""
        return f"the template {self.template}{language} is {self.status}"


def same_language(language: str) -> str:
    """Return a language as all spellings of it are compared: Meta writes en_US in one place and en-US in another."""
    return language.strip().replace("-", "_").casefold()


@dataclass(frozen=True, slots=True)
class AccountNotice:
    """What the provider says about an account of ours, for the operator: its quality, its limits, its standing.

    `subject` names what it is about, so that a later notice takes the place of an earlier one. `text` is shown to
    operators and sent to them: it never holds anybody's number or words. `is_good`: nobody has to do anything.
    """

    key: str
    what: str = field(kw_only=True)
    subject: str = field(default="", kw_only=True)
    text: str = field(kw_only=True)
    is_good: bool = field(default=False, kw_only=True)
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


ProviderEvent = (
    Receipt
    | Reply
    | AutomaticReply
    | Preference
    | NumberChanged
    | Named
    | TemplateChanged
    | AccountNotice
    | ChatStarted
    | ChatBlocked
    | ChatMoved
    | MailReturned
)
