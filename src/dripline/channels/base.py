"""A channel to begin from."""

from abc import ABC, abstractmethod

from dripline.channels.capabilities import Capabilities
from dripline.core.messages.message import Message
from dripline.core.outcome import Outcome


class PlainChannel(ABC):
    """Write `send`, and `capabilities` where they are not the defaults. A channel need not be one of these.

    The contract, and what a channel does that is posted to, is in `dripline.channels.contract`.
    """

    capabilities: Capabilities = Capabilities()

    @abstractmethod
    async def send(self, message: Message) -> Outcome:
        """Hand one message to the provider, once, and say what became of it; never raise for the provider's errors."""

    async def aclose(self) -> None:  # noqa: B027  (there is nothing to give back, unless a channel has something)
        """Give connections back. The channel may be used again afterwards, on another event loop."""
