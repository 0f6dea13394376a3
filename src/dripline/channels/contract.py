"""What a channel promises.

A channel speaks one provider's protocol. Its one duty is `send`: hand one message to the provider and say, as a value,
what became of it. It never raises for a provider's error; when it cannot tell whether the bytes left, it says
`Unknown`. It never waits to retry, never paces, never reads the database: the engine does.

What it can do beside, and what it needs, it declares in an attribute ``capabilities`` (`channels.capabilities`). One
that keeps connections has ``async def aclose()``, which is called when the event loop that used them ends.
"""

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Listing
from typing import Protocol, runtime_checkable

from dripline.core.events.inbound import ProviderEvent
from dripline.core.messages.message import Message
from dripline.core.outcome import Outcome


class Channel(Protocol):
    """One provider's protocol."""

    async def send(self, message: Message) -> Outcome:
        """Hand one message to the provider, once, and say what became of it.

        At most ``sends_at_once`` calls run at once, on one event loop. The engine ends a call that takes longer than
        its timeout and takes the outcome as `Unknown`.
        """
        ...


FindChannel = Callable[[str], Channel | None]
"""Returns the channel of a name, or None if there is none."""


@runtime_checkable
class Closable(Protocol):
    """A channel that holds connections."""

    async def aclose(self) -> None:
        """Give the connections back. The channel may be used again afterwards, on another event loop."""
        ...


@runtime_checkable
class Inbound(Protocol):
    """A channel whose provider posts to us: what people write, and what became of messages. All of it is pure.

    One that has what it takes only where it is configured so declares `Capabilities.receives_events`.
    """

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Return what to answer a provider that asks whether this is our webhook; None if it is not the provider."""
        ...

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether the provider signed these very bytes. `headers` by their lower-case names."""
        ...

    def events(self, body: bytes) -> Listing[ProviderEvent]:
        """Return every event of a body, in its order; what cannot be read of it is passed over.

        Raises:
            ValueError: Nothing of it can be read.
        """
        ...
