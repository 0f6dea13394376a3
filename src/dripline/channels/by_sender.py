"""One channel by its name, where senders of it have credentials of their own: each of these speaks for itself.

What goes by a sender without one goes through the channel of the settings, if that is configured. The channel of a
credential that was replaced gives its connections back once the last message that it was handed is answered.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import datetime

from dripline.channels.accounts import ReadsMailboxes
from dripline.channels.capabilities import SENDS_AT_ONCE, Capabilities, capabilities_of, takes_in
from dripline.channels.contract import Channel, Closable, Inbound
from dripline.core.events.inbound import ProviderEvent
from dripline.core.events.mailbox import LastRead, NewMail
from dripline.core.messages.message import Message
from dripline.core.outcome import Outcome, SenderUnavailable
from dripline.core.senders.health import Unsure


class UnusableChannel:
    """Stands where the credential of a sender cannot be used: it sends nothing, and says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def send(self, message: Message) -> Outcome:
        """Refuse: the sender cannot send."""
        del message
        return SenderUnavailable(self.reason)


@dataclass(frozen=True, slots=True)
class OwnChannel:
    """The channel of one sender's own credential; `hook` ends the address that its provider posts to."""

    sender: str
    channel: Channel = field(kw_only=True)
    hook: str = field(kw_only=True)


class SenderChannels:
    """A channel that hands each message to the channel of its sender."""

    def __init__(self, name: str, configured: Channel | None = None) -> None:
        self.name = name
        self.configured = configured
        self._own: Mapping[str, OwnChannel] = {}
        self._in_flight = Counter[int]()
        self._retired: list[Channel] = []

    def set(self, sender: str, own: OwnChannel | None) -> None:
        """Take up the channel of a sender's credential, in the place of the one before; None: it has none any more."""
        gone = self._own.get(sender)
        others = {name: one for name, one in self._own.items() if name != sender}
        # One assignment: other threads read it meanwhile.
        self._own = others if own is None else {**others, sender: own}
        if gone is not None:
            self._retired.append(gone.channel)

    def of(self, sender: str | None) -> Channel | None:
        """Return the channel that speaks for a sender; None where nothing is configured for it."""
        own = self._own.get(sender or "")
        return self.configured if own is None else own.channel

    def own(self, sender: str | None) -> OwnChannel | None:
        """Return the channel of a sender's own credential, if it has one."""
        return self._own.get(sender or "")

    def of_hook(self, hook: str) -> OwnChannel | None:
        """Return whose provider posts to an address; None if it is nobody's."""
        return next((own for own in self._own.values() if own.hook == hook), None)

    def each(self) -> Iterator[Channel]:
        """Yield every channel that speaks for anybody."""
        if self.configured is not None:
            yield self.configured
        yield from [own.channel for own in self._own.values()]

    @property
    def capabilities(self) -> Capabilities:
        """What the channel of the settings declares, or else that of a sender."""
        usable = [one for one in self.each() if not isinstance(one, UnusableChannel)]
        if not usable:
            return Capabilities(receives_events=False)
        declared = [capabilities_of(one) for one in usable]
        return replace(
            declared[0],
            sends_at_once=min(
                sum(one.sends_at_once for one in declared), max(SENDS_AT_ONCE, declared[0].sends_at_once)
            ),
            receives_events=any(takes_in(one) for one in usable),
            start_links=next((one.start_links for one in declared if one.start_links is not None), None),
        )

    async def send(self, message: Message) -> Outcome:
        """Hand a message to the channel of its sender."""
        channel = self.of(message.sender)
        if channel is None:
            return SenderUnavailable(
                f"the channel {self.name} is not configured for what goes by no sender with a credential of its own: "
                "connect the sender, or configure the channel"
            )
        if channel is self.configured and not self._retired:
            return await channel.send(message)
        self._in_flight[id(channel)] += 1
        try:
            return await channel.send(message)
        finally:
            self._in_flight[id(channel)] -= 1
            await self._close_retired()

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Answer a provider that asks at the address of the channel of the settings."""
        return self.configured.challenge(query) if isinstance(self.configured, Inbound) else None

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether the provider of the channel of the settings signed these very bytes."""
        return isinstance(self.configured, Inbound) and self.configured.is_genuine(headers, body)

    def events(self, body: bytes) -> Listing[ProviderEvent]:
        """Return every event of a body that came to no sender's own address.

        Raises:
            ValueError: Nothing of it can be read.
        """
        reading = next((one for one in self.each() if isinstance(one, Inbound)), None)
        if reading is None:
            raise ValueError("No channel is here that could read it.")
        return reading.events(body)

    @property
    def mailboxes(self) -> list[str]:
        """The mailboxes that are read: those of the settings, and each sender's own, by its name."""
        configured = list(self.configured.mailboxes) if isinstance(self.configured, ReadsMailboxes) else []
        own = [
            name for name, one in self._own.items() if isinstance(one.channel, ReadsMailboxes) and one.channel.mailboxes
        ]
        return list(dict.fromkeys([*configured, *own]))

    async def read_mailbox(
        self, name: str, seen: LastRead | None, since: datetime
    ) -> NewMail[tuple[str, str]] | Unsure:
        """Return what came into a mailbox after what was seen, else since an instant."""
        own = self._own.get(name)
        if own is not None and isinstance(own.channel, ReadsMailboxes):
            return await own.channel.read_mailbox(own.channel.mailboxes[0], seen, since)
        if isinstance(self.configured, ReadsMailboxes):
            return await self.configured.read_mailbox(name, seen, since)
        return Unsure("the mailbox is not connected any more")

    async def aclose(self) -> None:
        """Give every connection back."""
        for channel in [*self.each(), *self._retired]:
            if isinstance(channel, Closable):
                await channel.aclose()
        self._retired = [channel for channel in self._retired if self._in_flight[id(channel)]]

    async def _close_retired(self) -> None:
        idle = [channel for channel in self._retired if not self._in_flight[id(channel)]]
        self._retired = [channel for channel in self._retired if self._in_flight[id(channel)]]
        for channel in idle:
            del self._in_flight[id(channel)]
            if isinstance(channel, Closable):
                await channel.aclose()


def speaking_for(channel: Channel, sender: str | None) -> Channel | None:
    """Return what speaks for a sender: the channel itself, unless senders of it have channels of their own."""
    return channel.of(sender) if isinstance(channel, SenderChannels) else channel


def each_of(channel: Channel) -> list[Channel]:
    """Return every channel that speaks under one name."""
    return list(channel.each()) if isinstance(channel, SenderChannels) else [channel]
