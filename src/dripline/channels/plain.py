"""A channel to begin from: everything that a channel may say of itself, with the default."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from datetime import timedelta

from dripline.channels.contract import SENDS_AT_ONCE
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.outcome import Outcome
from dripline.core.sequences.content import MediaKind


class PlainChannel(ABC):
    """Write `send`, and whatever else is not as it stands here. A channel need not be one of these.

    The contract, and what a channel does that is posted to, is in `dripline.channels.contract`.
    """

    address_kind: AddressKind | str = AddressKind.ANY
    """Which address of a lead it speaks to: ``"phone"``, ``"email"``, or ``"any"``: the phone if there is one."""

    idempotent: bool = False
    """Whether the receiver drops a second message with the same record id, so that a lost one may be sent again."""

    sends_at_once: int = SENDS_AT_ONCE
    """How many calls of `send` may run at once, such as the number of its connections."""

    receipts_by_id: bool = False
    """Whether its receipts name a message by the provider's id alone, so that this has to be kept."""

    threads: bool = False
    """Whether its messages refer to those of the same run before them, by the ids that its provider gave them."""

    refuses_in_words: bool = False
    """Whether its provider refuses in words of its own: five refused messages in a row are then sent again."""

    text_limit: int | None = None
    """The longest text that the provider takes, in characters; a longer one is seen before anything is sent."""

    window: timedelta | None = None
    """For how long after a person wrote the provider takes free text to them; None: at any time.

    Outside it, messages come with the `template` that is to go instead.
    """

    media: Collection[MediaKind | str] = frozenset()
    """Which kinds of media it can show above a text, such as ``"image"``."""

    @abstractmethod
    async def send(self, message: Message) -> Outcome:
        """Hand one message to the provider, once, and say what became of it; never raise for the provider's errors."""

    async def aclose(self) -> None:  # noqa: B027  (there is nothing to give back, unless a channel has something)
        """Give connections back. The channel may be used again afterwards, on another event loop."""
