"""How far a mailbox was read: mails are numbered as they come in, as long as their numbers hold."""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Mail = TypeVar("Mail")


@dataclass(frozen=True, slots=True)
class LastRead:
    """The last mail that was read, by its number (IMAP's UID), and for how long numbers hold (its UIDVALIDITY)."""

    validity: int
    last: int


@dataclass(frozen=True, slots=True)
class NewMail(Generic[Mail]):
    """What was new in a mailbox, and how far it is read now; `is_more`: the rest is read at the next look."""

    new: Listing[Mail]
    seen: LastRead = field(kw_only=True)
    is_more: bool = field(default=False, kw_only=True)
