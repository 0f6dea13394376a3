"""What a channel may do beside sending, for accounts that live at a gateway. Each is optional; a channel has it or not.

Processors ask these questions beside their passes and never inside one: an answer that takes its time holds up no
message. Of several processors one asks at a time. No method raises for a provider's error: it says `Unsure`.
"""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeGuard, runtime_checkable

from dripline.channels.contract import Channel
from dripline.core.events.mailbox import LastRead, NewMail
from dripline.core.records.trace import Absent, Found, Sent
from dripline.core.senders.credential import CredentialFact
from dripline.core.senders.health import Health, Unsure


@runtime_checkable
class ChecksAccounts(Protocol):
    """A channel whose accounts can be lost without a word: each sender's is asked after once a minute."""

    async def check_account(self, account: str) -> Health:
        """Say whether an account can send now, by what its provider calls it."""
        ...


@runtime_checkable
class KeepsHistory(Protocol):
    """A channel that can be asked afterwards what was written, by us and to us."""

    async def find_sent(self, sent: Sent) -> Found | Absent | Unsure:
        """Look for a message that may have gone. `Absent` only where the history would show it."""
        ...

    async def history(self, account: str, since: datetime) -> Listing[str] | Unsure:
        """Return what people wrote to an account since then, each as the body that would have been posted for it."""
        ...


@dataclass(frozen=True, slots=True)
class Pairing:
    """How to link an account to a phone: by the code, or by the picture at `qr_link`, within `lasts`.

    `qr_png` is that picture, where the channel could fetch it.
    """

    code: str | None = field(default=None, kw_only=True)
    qr_link: str | None = field(default=None, kw_only=True)
    qr_png: bytes | None = field(default=None, kw_only=True, repr=False)
    lasts: timedelta | None = field(default=None, kw_only=True)


@runtime_checkable
class PairsAccounts(Protocol):
    """A channel whose accounts are linked to phones, and have to be again when that is lost."""

    async def is_paired(self, account: str) -> bool | Unsure:
        """Return whether an account is linked to a phone and can send; False if it is not there."""
        ...

    async def pair(self, account: str, phone: str | None = None) -> Pairing | Unsure:
        """Begin to link an account, which is made if it is not there: with a code for `phone` (digits), else a QR."""
        ...


@runtime_checkable
class ReadsMailboxes(Protocol):
    """A channel whose people answer into mailboxes. Each is read once a minute, and left as it is."""

    mailboxes: Listing[str]

    async def read_mailbox(
        self, name: str, seen: LastRead | None, since: datetime
    ) -> NewMail[tuple[str, str]] | Unsure:
        """Return what came in after what was seen, else since an instant: keys of events, and bodies to be taken in."""
        ...


@runtime_checkable
class ChecksCredentials(Protocol):
    """A channel whose provider can be asked what it thinks of a credential, thing by thing."""

    async def check_credential(self, account: str | None, webhook: str | None) -> Listing[CredentialFact]:
        """Ask the provider, for a sender's account, and the address that it is to post to where that is known."""
        ...


def checks_accounts(channel: Channel) -> TypeGuard[ChecksAccounts]:
    """Return whether a channel can say whether its accounts are well."""
    return isinstance(channel, ChecksAccounts)


def keeps_history(channel: Channel) -> TypeGuard[KeepsHistory]:
    """Return whether a channel can be asked what was written."""
    return isinstance(channel, KeepsHistory)


def reads_mailboxes(channel: Channel) -> TypeGuard[ReadsMailboxes]:
    """Return whether a channel has mailboxes that are read."""
    return isinstance(channel, ReadsMailboxes) and bool(channel.mailboxes)


def pairs_accounts(channel: Channel) -> TypeGuard[PairsAccounts]:
    """Return whether a channel's accounts are linked to phones."""
    return isinstance(channel, PairsAccounts)
