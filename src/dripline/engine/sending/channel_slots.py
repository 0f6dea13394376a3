"""One channel's slots: how many of its sends run at once, and how many records have begun, whatever batch they are of.

A record begins when its attempt is written, before any byte of it may leave; what has begun and was not answered when
a worker is killed becomes unknown, and everything else goes again. So no more begin than run at once, and a quarter of
that ahead: the next sends need not wait for the commit that writes down the answers before them.
"""

import asyncio
from collections.abc import KeysView

from dripline.channels.contract import Channel, sends_at_once
from dripline.core.senders.channel_rest import Breaker
from dripline.engine.limits import Limits

AHEAD = 4
"""One record begins ahead for so many that run at once."""


class ChannelSlots:
    """A channel and its slots, for all batches on one event loop; once `stop` is set nothing more is sent.

    `batch`: how many records one claim takes. `breaker` is for what goes without a sender. `is_lost`: the worker ends
    as a crash would, and writes nothing more. `is_asked_again`: a pass has found something of that since the last
    claim began.
    """

    def __init__(self, name: str, channel: Channel, stop: asyncio.Event, limits: Limits) -> None:
        self.name = name
        self.breaker = Breaker(limits.sender_pause, limits.break_after)
        self.channel = channel
        self.stop = stop
        self.is_lost = False
        self.is_asked_again = False
        self.at_once = sends_at_once(channel)
        self.batch = batch_size(self.at_once, limits)
        self.semaphore = asyncio.Semaphore(self.at_once)
        self._room = self.at_once + self.at_once // AHEAD
        self._batches: dict[asyncio.Event, KeysView[int]] = {}

    @property
    def in_flight(self) -> list[int]:
        """The records that batches have in hand: claimed, and nothing written yet of what became of them."""
        return [record for batch in self._batches.values() for record in batch]

    def has_room(self) -> bool:
        """Return whether another record may begin."""
        return self._room > 0

    def take_room(self, count: int, *, is_tight: bool = True) -> int:
        """Take slots for at most so many records that are about to begin, and return how many there are.

        All of them where it is not tight: the channel answers at once.
        """
        taken = max(0, min(self._room, count)) if is_tight else count
        self._room -= taken
        return taken

    def give_back(self, count: int) -> None:
        """Give back the slots of records that were answered, or did not begin after all."""
        if count:
            self._room += count
            self.wake()

    def wake(self) -> None:
        """Let every batch look that waits for a slot, or for the end."""
        for event in self._batches:
            event.set()

    def join(self, event: asyncio.Event, in_flight: KeysView[int]) -> None:
        """Set a batch's event whenever a slot is free, or everything is to end; until `leave`.

        `in_flight`: its records, as they come to be fewer.
        """
        self._batches[event] = in_flight

    def leave(self, event: asyncio.Event) -> None:
        """Set this event no more."""
        self._batches.pop(event, None)


def batch_size(sends_at_once: int, limits: Limits) -> int:
    """Return how many records of a channel one claim takes: at their slowest, they are sent in half a lease."""
    return max(1, min(limits.batch, sends_at_once * int(limits.lease / 2 / limits.send_timeout)))


def is_orderly(error: BaseException) -> bool:
    """Return whether an end leaves a program that can still be trusted: it was told to end, or something failed."""
    return isinstance(error, Exception | asyncio.CancelledError | KeyboardInterrupt | SystemExit)
