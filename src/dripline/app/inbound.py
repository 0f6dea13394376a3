"""What comes back from providers: kept when it is posted, taken in before the next claim."""

import logging
from collections.abc import Mapping
from collections.abc import Sequence as Listing

from dripline.app.leads import LeadCases
from dripline.app.stopping import StoppingCases
from dripline.channels.accounts import is_invited_only
from dripline.channels.contract import Inbound, takes_in
from dripline.core.inbound import Event, Preference, Receipt, Reply
from dripline.errors import ChannelNotConfigured, InvalidInput

TOLD_THE_PROVIDER = "the lead told the provider to stop"

_log = logging.getLogger("dripline.inbound")


class InboundCases(LeadCases, StoppingCases):
    """What can be asked about what providers post."""

    def inbound_channels(self) -> list[str]:
        """Return the channels of this process whose providers post to us."""
        return [name for name, channel in self._channels.items() if takes_in(channel)]

    def webhook_challenge(self, channel: str, query: Mapping[str, str]) -> str | None:
        """Return what to answer a provider that asks whether this is our webhook; None if it is not the provider.

        Raises:
            ChannelNotConfigured: No channel of that name takes anything in.
        """
        return self._inbound(channel).challenge(query)

    def take_webhook(self, channel: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Keep what a provider posted, and return at once; False, and nothing is kept, if the provider did not sign it.

        `headers` by their lower-case names, `body` as it came. `take_in` lets it have its effects.

        Raises:
            ChannelNotConfigured: No channel of that name takes anything in.
        """
        if not self._inbound(channel).is_genuine(headers, body):
            _log.warning("webhook.refused channel=%s bytes=%s", channel, len(body))
            return False
        # As text: what is no UTF-8 is no JSON either, and is seen when it is read.
        self._inbox.keep(channel, body.decode("utf-8", "replace").replace("\x00", ""), self._now())
        self._wake()
        return True

    def take_in(self) -> int:
        """Let everything that was posted have its effects, a body a transaction; returns how many events were new.

        A reply ends sequences, a stop word bars, a trigger's word enrolls, a receipt is noted on its record. Processors
        do this before each pass.
        """
        taken, channels = 0, self.inbound_channels()
        while channels and (new := self._inbox.take_next(channels, self._read, self._act, self._now())) is not None:
            taken += new
        return taken

    def _inbound(self, name: str) -> Inbound:
        channel = self._channels.get(name)
        if channel is None or not takes_in(channel):
            raise ChannelNotConfigured(f"No channel {name!r} takes anything in here: configure it, or name another.")
        return channel

    def _read(self, channel: str, body: str) -> Listing[Event]:
        return self._inbound(channel).events(body.encode())

    def _act(self, channel: str, events: Listing[Event]) -> None:
        self._receipts.note([event for event in events if isinstance(event, Receipt)], self._now())
        for event in events:
            try:
                self._take(channel, event)
            except InvalidInput as error:
                # A phone of nobody, as a test from the provider's console may have.
                _log.warning("webhook.passed_over channel=%s error=%s", channel, error)

    def _take(self, channel: str, event: Event) -> None:
        match event:
            case Receipt():
                pass  # noted all at once
            case Reply():
                self._take_reply(channel, event)
            case Preference():
                self._take_preference(event)
            case _:
                _log.warning("webhook.told channel=%s event=%s", channel, event)

    def _take_reply(self, channel: str, reply: Reply) -> None:
        """Let a reply end what it ends; one that is a trigger's word and nothing else gives the lead that trigger."""
        if reply.phone is None:
            _log.warning("webhook.nobody user_id=%s", reply.user_id)
            return
        leads = self._note_written(channel, reply, reply.phone)
        received = self.receive(reply.text, phone=f"+{reply.phone}")
        if not received.stopped and is_invited_only(self._channels[channel]):
            self._conversations.enroll_invited(leads, self._now())
        if not received.stopped and self._sequences.starts_on(reply.text):
            self.add_lead(phone=f"+{reply.phone}", name=reply.name or None, triggers=[reply.text])

    def _note_written(self, channel: str, reply: Reply, phone: str) -> list[int]:
        """Note who wrote to which account, and let what waited for that go on; returns the leads that wrote."""
        leads, now = self._ids(f"+{phone}", None), self._now()
        self._conversations.note_written(channel, reply.account, phone, reply.at, now)
        self._conversations.let_go_on(channel, reply.account, leads, now)
        return leads

    def _take_preference(self, preference: Preference) -> None:
        """Bar who told the provider to stop, and let go who took that back: nothing else that bars them."""
        if not preference.is_wanted:
            self.opt_out(phone=f"+{preference.phone}", reason=TOLD_THE_PROVIDER)
        else:
            self._stopping.lift(self._addresses(f"+{preference.phone}", None), TOLD_THE_PROVIDER)
