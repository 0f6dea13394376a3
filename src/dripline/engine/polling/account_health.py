"""Account health: are the accounts well that senders send by? Those that are not are held until they are."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from dripline.channels.accounts import checks_accounts
from dripline.channels.by_sender import each_of, speaking_for
from dripline.channels.contract import Channel
from dripline.core.explain import words
from dripline.core.safe_errors import without_numbers
from dripline.core.senders.health import Health, Unsure
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.engine.polling.questions import asked, each
from dripline.store.senders.account_checks import Account, AccountChecks

CHECK_EVERY = timedelta(seconds=60)
"""How often a sender's account is asked after."""

_log = logging.getLogger("dripline.rounds")


class AccountHealth:
    """Asks after accounts whose time has come."""

    name = "check"

    def __init__(
        self, watching: AccountChecks, channels: Mapping[str, Channel], clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._watching = watching
        self._clock = clock
        self._wake = wake
        self._channels = channels

    def __bool__(self) -> bool:
        return bool(self._checked())

    async def ask(self) -> None:
        """Ask after the accounts whose time has come, and hold or let go their senders."""
        accounts = await asyncio.to_thread(self._take_checks)
        if accounts:
            found = dict(zip(accounts, await each(self._health(account) for account in accounts), strict=True))
            await asyncio.to_thread(self._note_health, found)

    async def _health(self, account: Account) -> Health:
        channel = speaking_for(self._channels[account.channel], account.sender)
        if channel is None or not checks_accounts(channel):
            return Unsure("its channel is not configured")
        health = await asked(channel.check_account(account.account))
        if isinstance(health, Unsure):
            _log.warning("check.unsure sender=%s error=%s", account.sender, without_numbers(health.reason))
        return health

    def _checked(self) -> list[str]:
        """Return the channels that can be asked; one may have been connected since the last look."""
        return [name for name, channel in list(self._channels.items()) if any(map(checks_accounts, each_of(channel)))]

    # The clock is read in the thread that writes it, as everywhere.

    def _take_checks(self) -> list[Account]:
        checked = self._checked()
        return self._watching.take_checks(checked, CHECK_EVERY, self._now()) if checked else []

    def _note_health(self, found: Mapping[Account, Health]) -> None:
        for turned in self._watching.note_health(found, self._now()):
            _log.warning(
                "sender.%s sender=%s reason=%s", turned.event, turned.sender, without_numbers(words(turned.reason))
            )
            self._wake()

    def _now(self) -> datetime:
        return whole_second(self._clock.now())
