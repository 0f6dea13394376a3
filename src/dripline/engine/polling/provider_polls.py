"""What a worker asks providers beside its passes; it holds up no message.

Each question is taken in the database first, so that of several workers one asks it at a time; what is answered is
written as any worker would. A channel that raises, or does not answer, changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from dripline.channels.contract import Channel
from dripline.core.safe_errors import wordless
from dripline.engine.clock import Clock
from dripline.engine.polling.account_health import AccountHealth
from dripline.engine.polling.chat_history import ChatHistory
from dripline.engine.polling.mailboxes import MailboxReading
from dripline.engine.polling.message_trace import MessageTrace
from dripline.errors import DatabaseProblem
from dripline.store.conversations.mailboxes import Mailboxes
from dripline.store.records.claim import Claiming
from dripline.store.senders.account_checks import AccountChecks
from dripline.store.unknown.message_trace import MessageTraces

ROUND_EVERY = timedelta(seconds=15)
"""How often it looks whether anything is to be asked."""

_log = logging.getLogger("dripline.rounds")


class Poll(Protocol):
    """One kind of question, of the channels that can be asked it; false where there is none."""

    name: str

    def __bool__(self) -> bool:
        """Return whether any channel can be asked."""
        ...

    async def ask(self) -> None:
        """Ask what is due to be asked, and write the answers."""
        ...


@dataclass(frozen=True, slots=True)
class PollStores:
    """Where polls take their questions from, and write the answers."""

    watching: AccountChecks
    tracing: MessageTraces
    claiming: Claiming
    mailboxes: Mailboxes


class ProviderPolls:
    """Asks for one worker, over the channels that can be asked. `wake` is called when something may go on."""

    def __init__(
        self, stores: PollStores, channels: Mapping[str, Channel], clock: Clock, *, wake: Callable[[], None]
    ) -> None:
        self._clock = clock
        trace = MessageTrace(stores.tracing, stores.claiming, channels, clock, wake)
        self._chats = ChatHistory(stores.tracing, channels, clock, wake)
        health = AccountHealth(stores.watching, channels, clock, wake)
        mailboxes = MailboxReading(stores.mailboxes, channels, clock, wake)
        self._trace = trace
        self._polls: list[Poll] = [health, trace, self._chats, mailboxes]
        self._askable: list[Poll] = []
        self.look()

    def __bool__(self) -> bool:
        """Whether any channel can be asked anything."""
        return bool(self._askable)

    def look(self) -> None:
        """Look which kinds of questions the channels can be asked: one may have been connected."""
        self._askable = [poll for poll in self._polls if poll]

    def before_pass(self) -> None:
        """Let unknown records wait whose messages nobody has looked for yet, whatever their sequences would do now."""
        if self._trace in self._askable:
            self._trace.hold()

    async def run(self, stop: asyncio.Event) -> None:
        """Ask round after round, each kind on its own, until `stop`."""
        async with asyncio.TaskGroup() as group:
            for poll in self._polls:
                group.create_task(self._repeat(poll, stop))

    async def once(self) -> None:
        """Ask one round."""
        async with asyncio.TaskGroup() as group:
            for poll in filter(None, self._polls):
                group.create_task(_attended(poll.name, poll.ask()))

    async def _repeat(self, poll: Poll, stop: asyncio.Event) -> None:
        if poll:
            await _attended(poll.name, self._chats.ask_first() if poll is self._chats else poll.ask())
        while not stop.is_set():
            await self._clock.wait(stop, ROUND_EVERY.total_seconds())
            if poll:
                await _attended(poll.name, poll.ask())


async def _attended(name: str, asking: Coroutine[None, None, None]) -> None:
    try:
        await asking
    except DatabaseProblem as problem:
        _log.warning("poll.failed poll=%s error=%s", name, problem)
    except Exception as error:  # noqa: BLE001  (the edge of a loop: sending goes on whatever is wrong here)
        _log.error("poll.failed poll=%s", name, exc_info=wordless(error))
