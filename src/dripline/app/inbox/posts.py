"""What providers posted has its effects: all stops first, a body a transaction."""

import logging
from collections.abc import Iterator
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta

from dripline.app.inbox.provider_events import ProviderEvents
from dripline.app.session import Session
from dripline.channels.by_sender import SenderChannels, UnusableChannel
from dripline.channels.capabilities import takes_in
from dripline.channels.contract import Inbound
from dripline.core.events.inbound import (
    AccountNotice,
    AutomaticReply,
    ProviderEvent,
    Receipt,
    Reply,
    TemplateChanged,
)
from dripline.core.replies.stopping import Wish
from dripline.core.views.messages import NewMessage
from dripline.errors import ChannelNotConfigured, InvalidCredential, InvalidInput
from dripline.store.conversations.inbox import Waiting

READ_LIMIT = 2**16
"""The longest body, in characters, that is read when it is posted, to see how urgent it is. A longer one holds many
events and is processed for urgent: to read it twice costs more than to take it in."""


PRUNE_EVERY = timedelta(hours=1)
"""How often bodies and events that were processed long ago are looked for."""


_log = logging.getLogger("dripline.inbound")


class Posts:
    """The kept bodies of what providers posted."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._application = session.application
        self._events = ProviderEvents(session)
        self._pruned_at: datetime | None = None

    def process(self) -> int:
        """Let everything posted by now have its effects, a body a transaction; returns how many events were new.

        A reply ends sequences, a stop word bars, a trigger's word enrolls, a receipt is noted on its record. Processors
        do this before each pass.
        """
        processed = sum(self._each(Waiting(self.posted_to(), last=self._stores.inbox.last())))
        self._prune()
        return processed

    def process_some(self) -> bool:
        """Let what was posted have its effects before a pass: all stops, and some of the rest; returns if more waits.

        However much is posted, each pass comes to sending: it ends with what was there when this began.
        """
        channels, last = self.posted_to(), self._stores.inbox.last()
        for _ in self._each(Waiting(channels, last=last, is_urgent=True)):
            pass
        processed, until = 0, self._session.clock.now() + self._application.limits.posts_for
        rest = self._each(Waiting(channels, last=last))
        while (is_in_time := processed < self._application.limits.posts and self._session.clock.now() < until) and next(
            rest, None
        ) is not None:
            processed += 1
        self._prune()
        return not is_in_time

    def _each(self, waiting: Waiting) -> Iterator[int]:
        """Take in body after body, and yield how many events were new in each."""
        while waiting.channels:
            new = self._stores.inbox.take_next(waiting, self._read, self._act, self._session.now())
            if new is None:
                return
            yield new

    def _prune(self) -> None:
        """Delete a batch of what was processed long ago; once an hour, and at each pass while there is more."""
        now = self._session.now()
        if self._pruned_at is None or now - self._pruned_at >= PRUNE_EVERY:
            is_more = self._stores.inbox.let_go(now)
            self._stores.early_stops.let_go(now)
            self._pruned_at = None if is_more else now

    def posted_to(self) -> list[str]:
        """Return the channels that providers post to, and those whose mailboxes are read."""
        return [name for name, channel in list(self._session.channels.items()) if takes_in(channel)]

    def inbound(self, name: str, sender: str | None = None) -> Inbound:
        """Return a channel that takes something in: that of a sender's own credential, while it has one.

        Raises:
            ChannelNotConfigured: No channel of that name does.
        """
        channel = self._session.channels.get(name)
        own = channel.own(sender) if isinstance(channel, SenderChannels) else None
        if own is not None and takes_in(own.channel):
            return own.channel
        if channel is None or not takes_in(channel):
            raise ChannelNotConfigured(f"No channel {name!r} takes anything in here: configure it, or name another.")
        return channel

    def posted_at(self, name: str, hook: str) -> tuple[str, Inbound]:
        """Return which sender has an address of its own, and its channel.

        Raises:
            ChannelNotConfigured: None has it, or its credential takes nothing in.
            InvalidCredential: Its credential cannot be used here: nobody can tell who posts.
        """
        channel = self._session.channels.get(name)
        own = channel.of_hook(hook) if isinstance(channel, SenderChannels) else None
        if own is not None and isinstance(own.channel, UnusableChannel):
            raise InvalidCredential(
                f"The credential of the sender {own.sender!r} cannot be used: {own.channel.reason}."
            )
        if own is None or not takes_in(own.channel):
            raise ChannelNotConfigured(f"No sender of {name!r} has this address: copy it from the sender once more.")
        return own.sender, own.channel

    def _read(self, channel: str, body: str, sender: str | None) -> Listing[ProviderEvent]:
        return self.inbound(channel, sender).events(body.encode())

    def is_urgent(self, channel: str, body: str, sender: str | None = None) -> bool:
        """Return whether a body stops somebody, or says who somebody is: a stop comes after what says whose it is."""
        if len(body) > READ_LIMIT:
            return True
        try:
            return any(self._cannot_wait(channel, event) for event in self._read(channel, body, sender))
        except Exception:  # noqa: BLE001  (it is set aside, with its reason, when it is processed)
            return False

    def _cannot_wait(self, channel: str, event: ProviderEvent) -> bool:
        match event:
            case Receipt() | TemplateChanged() | AccountNotice() | AutomaticReply():
                return False
            case Reply():
                # What nobody is known to have written waits for what says who that is.
                is_for_a_person = self._events.wish_of(event) in {Wish.STOP, Wish.MAYBE_STOP}
                return is_for_a_person and (
                    bool(event.phone or event.email) or self._is_known(channel, event.user_id or "")
                )
            case _:
                return True

    def _is_known(self, channel: str, user_id: str) -> bool:
        return bool(self._events.in_chat(channel, user_id)) or self._events.known(channel, None, user_id) is not None

    def _act(self, channel: str, events: Listing[ProviderEvent]) -> list[NewMessage]:
        receipts = (self._events.receipt_of(channel, event) for event in events)
        self._stores.receipts.note(channel, list(filter(None, receipts)), self._session.now())
        events = [self._events.recognized(channel, event) for event in events]
        written = [event for event in events if isinstance(event, Reply) and not event.is_edit]
        self._stores.conversations.note(channel, written, self._session.now())
        messages: list[NewMessage] = []
        for event in events:
            try:
                messages += self._events.take(channel, event)
            except InvalidInput as error:
                # A phone of nobody, as a test from the provider's console may have.
                _log.warning("webhook.passed_over channel=%s error=%s", channel, type(error).__name__)
        self._events.take_early(channel)
        return messages
