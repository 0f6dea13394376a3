"""Pairing: a sender's account is linked to a phone, and the sender goes on."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from dripline.app.opened import Opened
from dripline.channels.accounts import Pairing, PairsAccounts, pairs_accounts
from dripline.core.leads.phone import normalize_phone
from dripline.core.senders.health import Unsure, Well
from dripline.engine.polling.provider_polls import asked
from dripline.errors import ChannelNotConfigured, PairingFailed
from dripline.store.senders.watching import Account

PAIRING_PATIENCE = timedelta(minutes=3)
"""How long a person may take to link a phone, unless they say otherwise."""

LOOK_EVERY = timedelta(seconds=2)
"""How often it is asked whether the phone is linked."""


class PairingCases(Opened):
    """What can be asked about linking accounts to phones."""

    async def pair_sender(
        self,
        name: str,
        *,
        phone: str | None = None,
        patience: timedelta = PAIRING_PATIENCE,
        on_pairing: Callable[[Pairing], None] = lambda _pairing: None,
    ) -> bool:
        """Link a sender's account to a phone, and wait until it is; False if it was linked already.

        An account that is not there is made. `on_pairing` is handed what to show: a code to write on `phone`, or
        without one the link of a QR; again whenever that has run out. The sender goes on at once where it was held.

        Raises:
            InvalidSender: There is none of that name, it is archived, or it has no account.
            InvalidPhone: The phone cannot be one.
            ChannelNotConfigured: Its channel is not here, or links no phones.
            PairingFailed: It was not linked in time, or the gateway refused.
        """
        account = await asyncio.to_thread(self._watching.account_of, name)
        channel = self._pairing_channel(account)
        digits = None if phone is None else normalize_phone(phone, self._region, is_known=True)
        try:
            is_new = not await _is_linked(channel, account)
            if is_new:
                await self._pair(channel, account, digits, patience, on_pairing)
        finally:
            await self._give_channels_back()
        await asyncio.to_thread(self._watching.note_health, {account: Well()}, self._now())
        self._wake()
        return is_new

    def _pairing_channel(self, account: Account) -> PairsAccounts:
        self._check_channel(f"The sender {account.sender!r}", account.channel)
        channel = self._channels[account.channel]
        if not pairs_accounts(channel):
            raise ChannelNotConfigured(
                f"The sender {account.sender!r} goes through {account.channel!r}, which links no phones: there is "
                "nothing to pair."
            )
        return channel

    async def _pair(
        self,
        channel: PairsAccounts,
        account: Account,
        phone: str | None,
        patience: timedelta,
        on_pairing: Callable[[Pairing], None],
    ) -> None:
        """Show what to do on the phone until it has been done."""
        until = self._clock.now() + patience
        runs_out = self._clock.now()
        while (now := self._clock.now()) < until:
            if now >= runs_out:
                pairing = await _begun(channel, account, phone)
                runs_out = until if pairing.lasts is None else _later(now, pairing.lasts)
                on_pairing(pairing)
            await self._clock.wait(asyncio.Event(), LOOK_EVERY.total_seconds())
            # Who cannot say for a moment may say it at the next look.
            if await asked(channel.is_paired(account.account)) is True:
                return
        raise PairingFailed(
            f"The account {account.account!r} of {account.sender!r} was not linked within "
            f"{patience.total_seconds():.0f} s: pair it again."
        )


async def _begun(channel: PairsAccounts, account: Account, phone: str | None) -> Pairing:
    pairing = await asked(channel.pair(account.account, phone))
    if isinstance(pairing, Unsure):
        raise PairingFailed(f"The account {account.account!r} cannot be linked: {pairing.reason}.")
    return pairing


async def _is_linked(channel: PairsAccounts, account: Account) -> bool:
    linked = await asked(channel.is_paired(account.account))
    if isinstance(linked, Unsure):
        raise PairingFailed(f"Nobody knows whether the account {account.account!r} is linked: {linked.reason}.")
    return linked


def _later(now: datetime, span: timedelta) -> datetime:
    return now + max(span, LOOK_EVERY)
