"""One channel's slots: how many of its sends run at once, and how many records have begun, whatever batch they are of.

A record begins when that is committed, before any byte of it may leave; what has begun and was not answered when
a worker is killed becomes unknown, and everything else goes again. So no more begin than run at once, and a quarter of
that ahead: the next sends need not wait for the commit that writes down the answers before them.
"""

import asyncio
from collections.abc import Callable, KeysView
from datetime import datetime, timedelta

from dripline.channels.capabilities import capabilities_of
from dripline.channels.contract import Channel
from dripline.core.senders.channel_rest import WELL, ChannelRest
from dripline.core.senders.lane import BREAK_LIMIT, Answer, AnswerKind, failing, is_breaking, streak_after
from dripline.engine.limits import Limits

AHEAD = 4
"""One record begins ahead for so many that run at once."""


class ChannelSlots:
    """A channel and its slots, for all batches on one event loop; once `stop` is set nothing more is sent.

    `batch`: how many records one claim takes. `breaker` is for what goes without a sender. `is_lost`: the worker ends
    as a crash would, and writes nothing more. `is_asked_again`: a pass has found something of that since the last
    claim began. `answers_at_once`: the last batch was answered without any waiting.
    """

    def __init__(self, name: str, channel: Channel, stop: asyncio.Event, limits: Limits) -> None:
        self.name = name
        self.breaker = Breaker(limits.sender_pause, limits.break_after)
        self.channel = channel
        self.stop = stop
        self.is_lost = False
        self.is_asked_again = False
        self.answers_at_once = False
        self.at_once = capabilities_of(channel).sends_at_once
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

    @property
    def overdrawn(self) -> int:
        """How many more have begun than may, where the channel no longer answers at once."""
        return 0 if self.answers_at_once else max(0, -self._room)

    def take_room(self, count: int) -> int:
        """Take slots for at most so many records that are about to begin, and return how many there are.

        All of them where the channel answers at once.
        """
        acquired = count if self.answers_at_once else max(0, min(self._room, count))
        self._room -= acquired
        return acquired

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


class Breaker:
    """Counts the answers of one channel in one process, and says when nothing more is to be sent through it."""

    def __init__(self, first_rest: timedelta, after: int) -> None:
        self._first_rest, self._after = first_rest, after
        self._stored = self._rest = WELL
        self._is_trying = False
        self.is_broken = False

    @property
    def is_breaking(self) -> bool:
        """Whether it broke, and the database does not know it yet."""
        return self.is_broken and self._rest != self._stored

    def begin(self, stored: ChannelRest, *, is_trying: bool) -> None:
        """Begin with what the database says, and with one message on trial where its rest is over."""
        if not is_trying and self._rest != self._stored:
            return  # this process knows more
        self._stored = self._rest = stored
        self._is_trying, self.is_broken = is_trying, False

    def hear(self, answer: Answer, now: Callable[[], datetime]) -> None:
        """Take in an answer, in the order in which they come."""
        failures = streak_after(self._rest.failures, answer)
        if is_breaking(failures, answer, is_trying=self._is_trying, after=self._after):
            self._break(answer, failures, now())
        elif answer.kind is AnswerKind.SOUND:
            self._rest, self._is_trying, self.is_broken = WELL, False, False
        elif not self.is_broken:
            self._rest = ChannelRest(failures=failures, trips=self._rest.trips)

    def unwritten(self) -> ChannelRest | None:
        """Return what is to be written, if anything; `WELL` where nothing is to be kept."""
        return self._rest if self._rest != self._stored else None

    def mark_written(self, rest: ChannelRest) -> str | None:
        """Take something as written, and return what a person should know of: that it broke, or is well again."""
        before, self._stored = self._stored, rest
        if rest.until is not None and rest != before:
            return "broken"
        return "recovered" if rest == WELL and before.until is not None else None

    def _break(self, answer: Answer, failures: int, now: datetime) -> None:
        if self.is_broken:
            return  # what was on its way when it broke says nothing more
        trips = self._rest.trips
        rest = answer.rest or self._first_rest
        if answer.kind is not AnswerKind.HELD:
            rest = min(BREAK_LIMIT, self._first_rest * 2 ** min(trips, 16))
        reason = answer.reason or failing(failures, answer, is_trying=self._is_trying)
        # A time that has passed is none: the same record would be tried again and again within one pass.
        until = answer.until if answer.until is not None and answer.until > now else now + rest
        self._rest = ChannelRest(trips=trips + 1, until=until, reason=reason)
        self._is_trying, self.is_broken = False, True


def batch_size(sends_at_once: int, limits: Limits) -> int:
    """Return how many records of a channel one claim takes: at their slowest, they are sent in half a lease."""
    return max(1, min(limits.batch, sends_at_once * int(limits.lease / 2 / limits.send_timeout)))


def is_orderly(error: BaseException) -> bool:
    """Return whether an end leaves a program that can still be trusted: it was told to end, or something failed."""
    return isinstance(error, Exception | asyncio.CancelledError | KeyboardInterrupt | SystemExit)
