"""What a channel promises.

A channel speaks one provider's protocol. Its one duty is `send`: hand one message to the provider and say, as a value,
what became of it. It never raises for a provider's error; when it cannot tell whether the bytes left, it says
`Unknown`. It never waits to retry, never paces, never reads the database: the engine does.

Optional attributes describe it further:

- ``address_kind``: ``"phone"``, ``"email"`` or ``"any"`` (phone if there is one, else e-mail; the default).
- ``idempotent``: True if the receiver drops a second message with the same record id, so that one whose answer got
  lost may be sent again at once (the default is False).
- ``sends_at_once``: how many calls of `send` may run at once, such as its number of connections (100 unless given).
- ``window``: for how long after somebody wrote to an account the provider takes free text to them, as a timedelta;
  outside it, messages come with the ``template`` that is to go instead (None, the default: free text at any time).
- ``receipts_by_id``: True if its receipts name a message by the provider's id alone, so that this has to be kept.
- ``threads``: True if its messages refer to those of the same run before them, which `Message.follows` then names.
- ``refuses_in_words``: True if its provider refuses in words of its own and not by documented codes: five refused
  messages in a row are taken back, as refused contacts are, since the sender was meant.
- ``text_limit``: the longest text that it takes, in characters (any unless given). A step that is longer whatever fills
  it is refused when its sequence is applied; `send` still has to refuse one that becomes too long for a lead.
- ``media``: which kinds of `MediaKind` it can show above a text (none unless given).
- ``start_links``: makes the links by which a lead opens its chat, where only people can (none is the default).
- ``async def aclose()``: give connections back; called when the event loop that used them ends.

`channels.plain.PlainChannel` has all of them with their defaults, to be begun from.
"""

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Listing
from datetime import timedelta
from typing import Protocol, TypeGuard, cast, runtime_checkable

from dripline.core.events.inbound import Event
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.messages.start_link import StartLinks
from dripline.core.outcome import Outcome
from dripline.core.sequences.content import MediaKind

SENDS_AT_ONCE = 100
"""How many messages a channel is asked to send at once, unless it says otherwise."""


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

    One that has what it takes only where it is configured so says in an attribute ``is_posted_to``.
    """

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Return what to answer a provider that asks whether this is our webhook; None if it is not the provider."""
        ...

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether the provider signed these very bytes. `headers` by their lower-case names."""
        ...

    def events(self, body: bytes) -> Listing[Event]:
        """Return every event of a body, in its order; what cannot be read of it is passed over.

        Raises:
            ValueError: Nothing of it can be read.
        """
        ...


def takes_in(channel: Channel) -> TypeGuard[Inbound]:
    """Return whether the channel's provider posts to us."""
    return isinstance(channel, Inbound) and bool(getattr(channel, "is_posted_to", True))


def address_kind(channel: Channel) -> AddressKind:
    """Return which address the channel speaks to."""
    return AddressKind(getattr(channel, "address_kind", AddressKind.ANY))


def is_idempotent(channel: Channel) -> bool:
    """Return whether the channel's receiver drops a second message with the same record id."""
    return bool(getattr(channel, "idempotent", False))


def free_text_windows(channels: Mapping[str, Channel]) -> dict[str, timedelta]:
    """Return for how long after somebody wrote channels take free text to them; those that always do are left out."""
    windows = {name: cast("timedelta | None", getattr(channel, "window", None)) for name, channel in channels.items()}
    return {name: window for name, window in windows.items() if window is not None}


def receipts_by_id(channel: Channel) -> bool:
    """Return whether the channel's receipts name a message by the provider's id alone."""
    return bool(getattr(channel, "receipts_by_id", False))


def has_threads(channel: Channel) -> bool:
    """Return whether the channel's messages refer to those before them."""
    return bool(getattr(channel, "threads", False))


def refuses_in_words(channel: Channel) -> bool:
    """Return whether the channel's provider refuses in words of its own, so that many alike are about the sender."""
    return bool(getattr(channel, "refuses_in_words", False))


def text_limit(channel: Channel) -> int | None:
    """Return the longest text that the channel takes, in characters; None if it takes any."""
    return cast("int | None", getattr(channel, "text_limit", None))


def media_kinds(channel: Channel) -> frozenset[MediaKind]:
    """Return what the channel can show above a text."""
    return frozenset(MediaKind(kind) for kind in getattr(channel, "media", ()))


def start_links(channel: Channel) -> StartLinks | None:
    """Return what makes and reads the links by which leads open their chats, if the channel has any."""
    links = getattr(channel, "start_links", None)
    return links if isinstance(links, StartLinks) else None


def sends_at_once(channel: Channel) -> int:
    """Return how many messages the channel may be asked to send at once; at least one."""
    return max(1, int(getattr(channel, "sends_at_once", SENDS_AT_ONCE)))
