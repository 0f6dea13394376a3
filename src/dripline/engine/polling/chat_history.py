"""Chat history: did people write what no webhook told? It is taken in as what is posted."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta

from dripline.channels.accounts import keeps_history
from dripline.channels.by_sender import each_of, speaking_for
from dripline.channels.capabilities import takes_in
from dripline.channels.contract import Channel, Inbound
from dripline.core.events.inbound import ProviderEvent
from dripline.core.safe_errors import without_numbers
from dripline.core.senders.health import Unsure
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.engine.polling.questions import READING_TIMEOUT, asked, each
from dripline.store.senders.account_checks import Account
from dripline.store.unknown.message_trace import MessageTraces

READ_EVERY = timedelta(hours=1)
"""How often a sender's chats are read for what no webhook told."""

READ_AT_START = timedelta(minutes=1)
"""How long ago chats were read that a processor reads again when it starts: others may have started with it."""

_log = logging.getLogger("dripline.rounds")


class ChatHistory:
    """Reads the chats of accounts whose time has come, and keeps what no webhook told."""

    name = "read"

    def __init__(
        self, tracing: MessageTraces, channels: Mapping[str, Channel], clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._tracing = tracing
        self._clock = clock
        self._wake = wake
        self._channels = channels

    def __bool__(self) -> bool:
        return bool(self._read())

    async def ask(self, every: timedelta = READ_EVERY) -> None:
        """Read the chats of accounts whose time has come, and keep what no webhook told."""
        accounts = await asyncio.to_thread(self._take_histories, every)
        await each(self._read_account(account, since) for account, since in accounts)

    async def ask_first(self) -> None:
        """Read them also where that was done not long ago."""
        await self.ask(READ_AT_START)

    async def _read_account(self, account: Account, since: datetime) -> None:
        asked_at = self._now()
        # What is read is taken in as what is posted, by the channel that reads what is posted.
        channel = posted = speaking_for(self._channels[account.channel], account.sender)
        if channel is None or posted is None or not keeps_history(channel) or not takes_in(posted):
            return
        bodies = await asked(channel.history(account.account, since), READING_TIMEOUT)
        if isinstance(bodies, Unsure):
            _log.warning("history.unsure sender=%s error=%s", account.sender, without_numbers(bodies.reason))
            return
        by_key = {event.key: body for body in bodies for event in _events(posted, body)}
        missed = await asyncio.to_thread(self._keep_missed, account, by_key, asked_at)
        if missed:
            _log.warning("history.missed sender=%s messages=%s", account.sender, missed)
            self._wake()

    def _read(self) -> list[str]:
        """Return the channels that can be read; one may have been connected since the last look."""
        return [
            name
            for name, channel in list(self._channels.items())
            if any(all(can(one) for can in (keeps_history, takes_in)) for one in each_of(channel))
        ]

    # The clock is read in the thread that writes it, as everywhere.

    def _take_histories(self, every: timedelta) -> list[tuple[Account, datetime]]:
        read = self._read()
        return self._tracing.take_histories(read, every, self._now()) if read else []

    def _keep_missed(self, account: Account, bodies: Mapping[str, str], until: datetime) -> int:
        return self._tracing.keep_missed(account, bodies, until, self._now())

    def _now(self) -> datetime:
        return whole_second(self._clock.now())


def _events(posted: Inbound, body: str) -> Listing[ProviderEvent]:
    """Return the events of a body; one that cannot be read has none."""
    try:
        return posted.events(body.encode())
    except ValueError:
        return ()
