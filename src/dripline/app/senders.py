"""Senders: set up, paused, resumed, archived; linked to a phone, and seen to send."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dripline.app.credentials.connecting import Connecting
from dripline.app.permissions import requires
from dripline.channels.accounts import Pairing, PairsAccounts, pairs_accounts
from dripline.channels.by_sender import speaking_for
from dripline.channels.capabilities import capabilities_of
from dripline.channels.contract import Channel
from dripline.core.accounts.access import Scope
from dripline.core.explain import words
from dripline.core.leads.address import AddressKind
from dripline.core.leads.lead import Lead, contact_of
from dripline.core.leads.phone import normalize_phone
from dripline.core.messages.message import Message
from dripline.core.messages.template import TEXT_LIMIT
from dripline.core.outcome import Outcome
from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.reason import ReasonCode, said_by_person
from dripline.core.senders.health import Unsure, Well
from dripline.core.senders.sender import Pace, Sender, SenderStatus
from dripline.core.text import is_text
from dripline.core.views.senders import SenderEvent, SenderState
from dripline.engine.polling.questions import asked
from dripline.engine.sending.send_one import send_one
from dripline.engine.tasks import Timeout
from dripline.errors import ChannelNotConfigured, InvalidLead, InvalidSender, InvalidTemplate, PairingFailed
from dripline.store.senders.account_checks import Account

TEST_MESSAGE = "This is a test message from dripline."
"""What is sent unless somebody writes otherwise."""


TEST_IDS = 2**40
"""Test messages have random ids below this, where no record's is: a receiver takes none for the other."""


PAIRING_TIMEOUT = timedelta(minutes=3)
"""How long a person may take to link a phone, unless they say otherwise."""


LOOK_EVERY = timedelta(seconds=2)
"""How often it is asked whether the phone is linked."""


class Senders(Connecting):
    """The senders of the database."""

    @requires(Scope.SENDERS_READ)
    def all(self) -> list[SenderState]:
        """Return every sender: its pace, its load, what is due on its lane and what the lane waits for."""
        return self._stores.senders.all(self._session.now())

    @requires(Scope.SENDERS_READ)
    def events(self, name: str) -> list[SenderEvent]:
        """Return what happened to a sender, the latest first.

        Raises:
            InvalidSender: There is none of that name.
        """
        return self._stores.senders.events(name)

    @requires(Scope.SENDERS_READ)
    def plan(self, sender: Sender) -> SettingsPlan:
        """Say what applying a sender would change, after the same checks, and change nothing.

        Raises what `apply` raises.
        """
        self._session.check_channel(f"The sender {sender.name!r}", sender.channel)
        return self._with_notes(self._stores.senders.plan(sender), sender)

    @requires(Scope.SENDERS_WRITE, audited_as="apply_sender")
    def apply(self, sender: Sender, *, beside: Collection[str] = ()) -> SettingsPlan:
        """Create or update a sender, known by its name. Idempotent. What it did counts against its new pace at once.

        `beside` are sequences that are applied after it, whose own plans tell of its hours.

        Raises:
            ChannelNotConfigured: This process does not have its channel.
            InvalidSender: Its name or pool is taken, its channel would change, it was archived, or a sequence would be
                left without a sender.
        """
        self._session.check_channel(f"The sender {sender.name!r}", sender.channel)
        planned = self._stores.senders.apply(sender, self._session.now())
        return self._with_notes(planned, sender, beside)

    @requires(Scope.SENDERS_WRITE, audited_as="pause_sender")
    def pause(self, name: str, *, reason: str = "") -> bool:
        """Keep a sender's lane from sending, from the next claim on. False if it is paused already.

        Raises:
            InvalidSender: There is none of that name, or it is archived.
        """
        return self._stores.senders.pause(
            name, said_by_person(ReasonCode.PAUSED_BY_PERSON, reason), self._session.now()
        )

    @requires(Scope.SENDERS_WRITE, audited_as="resume_sender")
    def resume(self, name: str) -> bool:
        """Let a paused or broken sender go on, slowly at first. False if nothing held it.

        Raises:
            InvalidSender: There is none of that name, or it is archived.
        """
        return self._stores.senders.resume(name, self._session.now())

    @requires(Scope.SENDERS_WRITE, audited_as="archive_sender")
    def archive(self, name: str, *, to: str | None = None) -> int:
        """Retire a sender for good; its leads go on with `to`, or with the other senders of their sequences.

        Returns how many live enrollments went over.

        Raises:
            InvalidSender: There is none of that name, `to` cannot take over, or a sequence has nobody else.
        """
        return self._stores.senders.archive(name, to, self._session.now())

    @requires(Scope.ADMIN, audited_as="replace_sender")
    def replace(
        self,
        name: str,
        by: str,
        credential: Mapping[str, str],
        *,
        account: str | None = None,
        pace: Pace | None = None,
    ) -> int:
        """Give a sender's place, pool, limits and leads to a new one with a credential of its own, and archive it.

        For a number that was banned: what waits for it goes by the new one. Returns how many live enrollments went
        over. `pace` are other limits than those of the old one.

        Raises what `connect` and `archive` raise; then nothing is changed.
        """
        old = self._known(name)
        self.connect(by, old.channel, credential, account=account, pool=old.pool, pace=pace or old.pace)
        return self.archive(name, to=by)

    @requires(Scope.SENDERS_READ)
    def channel_names(self) -> list[str]:
        """Return the channels that this process has, by name."""
        self._session.find_channels()
        return sorted(self._session.channels)

    @requires(Scope.SENDERS_WRITE, audited_as="try_sender", is_long=True)
    async def send_test(
        self, name: str, text: str = TEST_MESSAGE, *, phone: str | None = None, email: str | None = None
    ) -> Outcome:
        """Send a text through a sender at once, as it is written, and return what its provider says.

        It is no record: it waits for no pace and no window, counts against no cap, and nothing follows from its answer.

        Raises:
            InvalidSender: There is none of that name, it or everything is paused, or people begin its chats themselves.
            ChannelNotConfigured: Its channel is not here.
            InvalidTemplate: There is no text, or it is too long.
            InvalidLead: Its channel does not speak to such an address, or nothing is sent to this one any more.
            InvalidPhone: The phone cannot be one.
            InvalidEmail: The e-mail address cannot be one.
        """
        channel, message = await asyncio.to_thread(self._test_message, name, text, phone, email)
        try:
            with Timeout(self._application.limits.send_timeout.total_seconds()) as timeout:
                return await send_one(channel, message, timeout)
        finally:
            await self._application.give_channels_back()

    @requires(Scope.SENDERS_WRITE, audited_as="pair_sender", is_long=True)
    async def pair(
        self,
        name: str,
        *,
        phone: str | None = None,
        patience: timedelta = PAIRING_TIMEOUT,
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
        account = await asyncio.to_thread(self._stores.watching.account_of, name)
        channel = self._pairing_channel(account)
        digits = None if phone is None else normalize_phone(phone, self._application.region, is_known=True)
        try:
            is_new = not await _is_linked(channel, account)
            if is_new:
                await self._pair(channel, account, digits, patience, on_pairing)
        finally:
            await self._application.give_channels_back()
        await asyncio.to_thread(self._stores.watching.note_health, {account: Well()}, self._session.now())
        self._session.wake()
        return is_new

    def _with_notes(self, planned: SettingsPlan, sender: Sender, beside: Collection[str] = ()) -> SettingsPlan:
        """Return a plan that says whom a sender never reaches, since its hours and theirs never meet."""
        states = self._stores.sequences.states() if sender.pace.window is not None else ()
        sequences = [
            state.sequence for state in states if state.archived_at is None and state.sequence.name not in beside
        ]
        return replace(planned, notes=tuple(self._stores.hours.notes_of_sender(sender, sequences, self._session.now())))

    def _test_message(self, name: str, text: str, phone: str | None, email: str | None) -> tuple[Channel, Message]:
        sender = self._sending(name)
        channel = self._speaking(sender.name, sender.channel)
        if not text.strip() or len(text) > TEXT_LIMIT or not is_text(text):
            raise InvalidTemplate(f"A test message has 1 to {TEXT_LIMIT:,} characters: write what is to be sent.")
        to = self._session.address(phone, email)
        can = capabilities_of(channel)
        wanted = can.address_kind
        if wanted is not AddressKind.ANY and (wanted is AddressKind.PHONE) != (phone is not None):
            raise InvalidLead(f"The sender {name!r} sends to a {wanted} alone: give yours.")
        reason = self._stores.stopping.suppression_reason(to)
        if reason is not None:
            raise InvalidLead(
                f"Nothing is sent to {to}: {words(reason)}. Let them be sent to again first, if they asked."
            )
        here = Lead(0, phone=None if phone is None else to, email=None if email is None else to)
        lead = next(iter(self._stores.reads.leads(to)), here)
        contact = to if can.contact_kind is None else contact_of(lead, can.contact_kind)
        if contact is None:
            raise InvalidLead(f"The sender {name!r} writes to a lead's {can.contact_kind}, and {to} has none.")
        message = Message(
            contact,
            text=text,
            subject="Test message",
            record_id=1 + self._application.make_id() % (TEST_IDS - 1),
            attempt=1,
            lead=lead,
            sequence="Test message",
            step=1,
            sender=sender.name,
            account=sender.account,
        )
        return channel, message

    def _sending(self, name: str) -> Sender:
        """Return a sender that may send now, but for its pace."""
        state = next((one for one in self._stores.senders.all(self._session.now()) if one.sender.name == name), None)
        if state is None or state.status is SenderStatus.ARCHIVED:
            raise InvalidSender(f"There is no sender {name!r}: look at the list of senders.")
        if state.status is SenderStatus.PAUSED:
            raise InvalidSender(f"The sender {name!r} is paused, {state.reason}: resume it first.")
        if self._stores.workspaces.state().paused_at is not None:
            raise InvalidSender("Everything is paused: resume it first.")
        if capabilities_of(self._speaking(name, state.sender.channel)).start_links is not None:
            raise InvalidSender(f"The sender {name!r} writes only in chats that people begin: open its link instead.")
        return state.sender

    def _speaking(self, sender: str, channel: str) -> Channel:
        """Return what speaks for a sender: the channel of its own credential, else that of the settings."""
        self._session.check_channel(f"The sender {sender!r}", channel)
        found = speaking_for(self._session.channels[channel], sender)
        if found is None:
            raise ChannelNotConfigured(
                f"The sender {sender!r} goes through {channel!r}, which is not configured here: connect the sender, or "
                "configure the channel."
            )
        return found

    def _pairing_channel(self, account: Account) -> PairsAccounts:
        channel = self._speaking(account.sender, account.channel)
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
        wait: timedelta,
        on_pairing: Callable[[Pairing], None],
    ) -> None:
        """Show what to do on the phone until it has been done."""
        until = self._session.clock.now() + wait
        runs_out = self._session.clock.now()
        while (now := self._session.clock.now()) < until:
            if now >= runs_out:
                pairing = await _begun(channel, account, phone)
                runs_out = until if pairing.lasts is None else _later(now, pairing.lasts)
                on_pairing(pairing)
            await self._session.clock.wait(asyncio.Event(), LOOK_EVERY.total_seconds())
            # Who cannot say for a moment may say it at the next look.
            if await asked(channel.is_paired(account.account)) is True:
                return
        raise PairingFailed(
            f"The account {account.account!r} of {account.sender!r} was not linked within "
            f"{wait.total_seconds():.0f} s: pair it again."
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
