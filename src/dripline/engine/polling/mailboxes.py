"""Mailboxes: what people answered by mail, and what came back."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from dripline.channels.accounts import ReadsMailboxes, reads_mailboxes
from dripline.channels.contract import Channel
from dripline.core.events.mailbox import LastRead
from dripline.core.senders.health import Unsure
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.engine.polling.questions import READING_TIMEOUT, asked, each
from dripline.store.conversations.mailboxes import Mailboxes

MAIL_READ_FROM = timedelta(days=2)
"""How far back a mailbox is read the first time, or when its numbers hold no more."""

_log = logging.getLogger("dripline.rounds")


class MailboxReading:
    """Reads the mailboxes whose time has come."""

    name = "mail"

    def __init__(
        self, mailboxes: Mailboxes, channels: Mapping[str, Channel], clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._mailboxes = mailboxes
        self._clock = clock
        self._wake = wake
        self._channels = channels

    def __bool__(self) -> bool:
        return bool(self._mailed())

    async def ask(self) -> None:
        """Read the mailboxes whose time has come, and keep what people answered and what came back."""
        mailboxes = [(channel, name) for channel, mailed in self._mailed().items() for name in mailed.mailboxes]
        if not mailboxes:
            return
        leased = await asyncio.to_thread(lambda: self._mailboxes.take(mailboxes, self._now()))
        await each(self._read_mailbox(channel, name, seen) for (channel, name), seen in leased.items())

    async def _read_mailbox(self, channel: str, name: str, seen: LastRead | None) -> None:
        since = self._now() - MAIL_READ_FROM
        read = await asked(self._mailed()[channel].read_mailbox(name, seen, since), READING_TIMEOUT)
        if isinstance(read, Unsure):
            _log.warning("mailbox.unsure channel=%s mailbox=%s error=%s", channel, name, read.reason)
            await asyncio.to_thread(lambda: self._mailboxes.put_off(channel, name, read.reason, self._now()))
        elif await asyncio.to_thread(lambda: self._mailboxes.keep(channel, name, read, self._now())):
            self._wake()

    def _mailed(self) -> dict[str, ReadsMailboxes]:
        """Return the channels whose mailboxes are read; one may have been connected since the last look."""
        return {name: channel for name, channel in list(self._channels.items()) if reads_mailboxes(channel)}

    def _now(self) -> datetime:
        return whole_second(self._clock.now())
