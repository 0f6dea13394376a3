"""Trying a sender: one message through it at once, to see that it arrives."""

import asyncio

from dripline.app.opened import Opened
from dripline.channels.contract import Channel, address_kind, start_links
from dripline.core.explain import words
from dripline.core.leads.address import AddressKind
from dripline.core.leads.lead import Lead
from dripline.core.messages.message import Message
from dripline.core.messages.template import TEXT_LIMIT
from dripline.core.outcome import Outcome
from dripline.core.senders.sender import Sender, SenderStatus
from dripline.core.text import is_text
from dripline.engine.sending.send_one import send_one
from dripline.engine.tasks import Timeout
from dripline.errors import InvalidLead, InvalidSender, InvalidTemplate

TEST_MESSAGE = "This is a test message from dripline."
"""What is sent unless somebody writes otherwise."""

TEST_IDS = 2**40
"""Test messages have random ids below this, where no record's is: a receiver takes none for the other."""


class TryingCases(Opened):
    """What can be asked about seeing that a sender sends."""

    async def try_sender(
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
            with Timeout(self._limits.send_timeout.total_seconds()) as patience:
                return await send_one(channel, message, patience)
        finally:
            await self._give_channels_back()

    def _test_message(self, name: str, text: str, phone: str | None, email: str | None) -> tuple[Channel, Message]:
        sender = self._sending(name)
        channel = self._channels[sender.channel]
        if not text.strip() or len(text) > TEXT_LIMIT or not is_text(text):
            raise InvalidTemplate(f"A test message has 1 to {TEXT_LIMIT:,} characters: write what is to be sent.")
        to = self._address(phone, email)
        wanted = address_kind(channel)
        if wanted is not AddressKind.ANY and (wanted is AddressKind.PHONE) != (phone is not None):
            raise InvalidLead(f"The sender {name!r} sends to a {wanted} alone: give yours.")
        barred = self._stopping.barred(to)
        if barred is not None:
            raise InvalidLead(
                f"Nothing is sent to {to}: {words(barred)}. Let them be sent to again first, if they asked."
            )
        here = Lead(0, phone=None if phone is None else to, email=None if email is None else to)
        message = Message(
            to,
            text=text,
            subject="Test message",
            record_id=1 + self._make_id() % (TEST_IDS - 1),
            attempt=1,
            lead=next(iter(self._reads.leads(to)), here),
            sequence="Test message",
            step=1,
            sender=sender.name,
            account=sender.account,
        )
        return channel, message

    def _sending(self, name: str) -> Sender:
        """Return a sender that may send now, but for its pace."""
        state = next((one for one in self._senders.all(self._now()) if one.sender.name == name), None)
        if state is None or state.status is SenderStatus.ARCHIVED:
            raise InvalidSender(f"There is no sender {name!r}: look at the list of senders.")
        if state.status is SenderStatus.PAUSED:
            raise InvalidSender(f"The sender {name!r} is paused, {state.reason}: resume it first.")
        if self._workspaces.state().paused_at is not None:
            raise InvalidSender("Everything is paused: resume it first.")
        self._check_channel(f"The sender {name!r}", state.sender.channel)
        if start_links(self._channels[state.sender.channel]) is not None:
            raise InvalidSender(f"The sender {name!r} writes only in chats that people begin: open its link instead.")
        return state.sender
