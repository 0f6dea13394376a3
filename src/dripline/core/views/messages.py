"""What people wrote, as it is kept and shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.events.inbound import MessageKind
from dripline.core.reason import Reason, ReasonCode
from dripline.core.replies.message_class import MessageClass

MESSAGE_LIMIT = 4_096
"""How much of what a person wrote is kept, in characters: as much as WhatsApp and Telegram take at once."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that has just come in. `leads`: whose it is; nobody's where they are none.

    `writer` names whoever wrote, by a `writer_kind`: a phone, an email, an id, or the kind of address that the channel
    declares. `provider_id`: by what its provider knows it. `channel` is None where a program or a person told it.
    """

    channel: str | None
    leads: tuple[int, ...] = field(kw_only=True)
    account: str = field(default="", kw_only=True)
    writer: str = field(kw_only=True)
    writer_kind: str = field(kw_only=True)
    provider_id: str | None = field(default=None, kw_only=True)
    at: datetime = field(kw_only=True)
    kind: MessageKind = field(default=MessageKind.TEXT, kw_only=True)
    text: str = field(kw_only=True, repr=False)
    message_class: MessageClass = field(kw_only=True)
    reason: Reason | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class MessageIn:
    """What a person wrote, what it was taken for and why, and who said that nobody has to look at it any more.

    `channel` is None where a program or a person told it. `text` is empty where they sent something else than words.
    """

    id: int
    channel: str | None = field(kw_only=True)
    account: str = field(kw_only=True)
    writer: str = field(kw_only=True)
    at: datetime = field(kw_only=True)
    kind: MessageKind = field(kw_only=True)
    text: str = field(kw_only=True, repr=False)
    message_class: MessageClass = field(kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    reason_code: ReasonCode | None = field(default=None, kw_only=True)
    reason_facts: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True, hash=False)
    handled_at: datetime | None = field(default=None, kw_only=True)
    handled_by: str | None = field(default=None, kw_only=True)
