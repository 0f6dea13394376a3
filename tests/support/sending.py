"""Sending through one channel, as the engine does it."""

import asyncio

from dripline import Channel, Message, Outcome
from dripline.channels.contract import Closable


def sent(channel: Channel, *messages: Message) -> list[Outcome]:
    """Send messages at once, on an event loop of their own, and give the channel's connections back."""

    async def all_at_once() -> list[Outcome]:
        try:
            return list(await asyncio.gather(*(channel.send(message) for message in messages)))
        finally:
            if isinstance(channel, Closable):
                await channel.aclose()

    return asyncio.run(all_at_once())
