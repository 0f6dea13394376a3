"""What comes back from providers: kept when it is posted, taken in before the next claim."""

import logging
from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import replace
from datetime import datetime, timedelta

from dripline.app.leads import LeadCases
from dripline.app.stopping import StoppingCases
from dripline.channels.accounts import is_invited_only, reads_mailboxes
from dripline.channels.contract import Inbound, start_links, takes_in
from dripline.core.events.inbound import (
    AccountNotice,
    ChatBlocked,
    ChatMoved,
    ChatStarted,
    Delivery,
    Event,
    MailReturned,
    Named,
    NumberChanged,
    Preference,
    Receipt,
    Reply,
    TemplateChanged,
)
from dripline.core.events.notice import noticed
from dripline.core.leads.identity import Identity, variants
from dripline.core.leads.lead import Lead
from dripline.core.messages.start_link import OPENED
from dripline.core.reason import OPT_OUTS, Reason, ReasonCode
from dripline.core.replies.stopping import Wish
from dripline.core.text import as_text
from dripline.core.views.operations import RefusedPosts
from dripline.errors import ChannelNotConfigured, InvalidInput
from dripline.store.conversations.inbox import Waiting

READ_LIMIT = 2**16
"""The longest body, in characters, that is read when it is posted, to see how urgent it is. A longer one holds many
events and is taken for urgent: to read it twice costs more than to take it in."""

_STOPPING: Mapping[Wish | None, ReasonCode] = {
    Wish.STOP: ReasonCode.OPTED_OUT,
    Wish.MAYBE_STOP: ReasonCode.MAYBE_OPTED_OUT,
    None: ReasonCode.OPTED_OUT_AT_PROVIDER,
}
"""Why somebody is barred or held who asked for that."""

LET_GO_EVERY = timedelta(hours=1)
"""How often it is looked for bodies and events that were taken in long ago."""

_log = logging.getLogger("dripline.inbound")


class InboundCases(LeadCases, StoppingCases):
    """What can be asked about what providers post."""

    _let_go_at: datetime | None = None

    def inbound_channels(self) -> list[str]:
        """Return the channels of this process whose providers post to us."""
        self._find_named()
        return [name for name in self._posted_to() if not reads_mailboxes(self._channels[name])]

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
            self._inbox.refuse(channel, self._now())
            _log.warning("webhook.refused channel=%s bytes=%s", channel, len(body))
            return False
        # As text: what is no UTF-8 is no JSON either, and is seen when it is read.
        text = body.decode("utf-8", "replace").replace("\x00", "")
        self._inbox.keep(channel, text, self._now(), is_urgent=self._is_urgent(channel, text))
        self._wake()
        return True

    def take_in(self) -> int:
        """Let everything posted by now have its effects, a body a transaction; returns how many events were new.

        A reply ends sequences, a stop word bars, a trigger's word enrolls, a receipt is noted on its record. Processors
        do this before each pass.
        """
        taken = sum(self._taken(Waiting(self._posted_to(), last=self._inbox.last())))
        self._let_go()
        return taken

    def _take_some_in(self) -> bool:
        """Let what was posted have its effects before a pass: all stops, and some of the rest; returns if more waits.

        However much is posted, each pass comes to sending: it ends with what was there when this began.
        """
        channels, last = self._posted_to(), self._inbox.last()
        for _ in self._taken(Waiting(channels, last=last, is_urgent=True)):
            pass
        taken, until = 0, self._clock.now() + self._limits.posts_for
        rest = self._taken(Waiting(channels, last=last))
        while (is_in_time := taken < self._limits.posts and self._clock.now() < until) and next(rest, None) is not None:
            taken += 1
        self._let_go()
        return not is_in_time

    def _taken(self, waiting: Waiting) -> Iterator[int]:
        """Take in body after body, and yield how many events were new in each."""
        while waiting.channels:
            new = self._inbox.take_next(waiting, self._read, self._act, self._now())
            if new is None:
                return
            yield new

    def refused_posts(self) -> list[RefusedPosts]:
        """Return how many posts were refused in the last 30 days because their provider had not signed them."""
        return self._inbox.refused(self._now())

    def _let_go(self) -> None:
        """Let go a batch of what was taken in long ago; once an hour, and at each pass while there is more."""
        now = self._now()
        if self._let_go_at is None or now - self._let_go_at >= LET_GO_EVERY:
            is_more = self._inbox.let_go(now)
            self._early_stops.let_go(now)
            self._let_go_at = None if is_more else now

    def _posted_to(self) -> list[str]:
        return [name for name, channel in list(self._channels.items()) if takes_in(channel)]

    def _inbound(self, name: str) -> Inbound:
        channel = self._channels.get(name)
        if channel is None or not takes_in(channel):
            raise ChannelNotConfigured(f"No channel {name!r} takes anything in here: configure it, or name another.")
        return channel

    def _read(self, channel: str, body: str) -> Listing[Event]:
        return self._inbound(channel).events(body.encode())

    def _is_urgent(self, channel: str, body: str) -> bool:
        """Return whether a body stops somebody, or says who somebody is: a stop comes after what says whose it is."""
        if len(body) > READ_LIMIT:
            return True
        try:
            return any(self._cannot_wait(channel, event) for event in self._read(channel, body))
        except Exception:  # noqa: BLE001  (it is set aside, with its reason, when it is taken in)
            return False

    def _cannot_wait(self, channel: str, event: Event) -> bool:
        match event:
            case Receipt() | TemplateChanged() | AccountNotice():
                return False
            case Reply():
                # What nobody is known to have written waits for what says who that is.
                is_for_a_person = self._wish(event) in {Wish.STOP, Wish.MAYBE_STOP}
                return is_for_a_person and (
                    bool(event.phone or event.email) or self._is_known(channel, event.user_id or "")
                )
            case _:
                return True

    def _is_known(self, channel: str, user_id: str) -> bool:
        return bool(self._chats.leads_of(user_id)) or self._known(channel, None, user_id) is not None

    def _act(self, channel: str, events: Listing[Event]) -> None:
        receipts = (self._receipt_of(channel, event) for event in events)
        self._receipts.note(channel, list(filter(None, receipts)), self._now())
        events = [self._recognized(channel, event) for event in events]
        written = [event for event in events if isinstance(event, Reply) and not event.is_edit]
        self._conversations.note(channel, written, self._now())
        for event in events:
            try:
                self._take(channel, event)
            except InvalidInput as error:
                # A phone of nobody, as a test from the provider's console may have.
                _log.warning("webhook.passed_over channel=%s error=%s", channel, type(error).__name__)
        self._take_early(channel)

    def _take(self, channel: str, event: Event) -> None:
        match event:
            case Receipt() | MailReturned() | Named():
                pass  # receipts are noted all at once, names when they were read
            case NumberChanged():
                self._keep_barred(channel, event)
            case Reply():
                self._take_reply(channel, event)
            case Preference():
                self._take_preference(channel, event)
            case ChatStarted() | ChatBlocked() | ChatMoved():
                self._take_chat(channel, event)
            case TemplateChanged() | AccountNotice():
                self._take_notice(channel, event)

    def _take_notice(self, channel: str, event: TemplateChanged | AccountNotice) -> None:
        """Let what is said of an account have its effects. A log names things of ours, and nothing that was written."""
        said = noticed(event)
        # What is older than what is known already undoes nothing.
        if not self._notices.note(channel, said, event.at, self._now()):
            _log.info("notice.is_older channel=%s", channel)
        elif isinstance(event, TemplateChanged):
            steps = self._conversations.note_template(channel, event)
            if steps and event.is_unusable:
                self._notices.settle(channel, said)  # the step itself waits for a person
            _log.warning(
                "template.changed channel=%s template=%s language=%s status=%s steps=%s",
                *(channel, event.template, event.language, event.status, steps),
            )
        else:
            _log.warning("webhook.told channel=%s what=%s", channel, event.what)

    def _take_reply(self, channel: str, reply: Reply) -> None:
        """Let a reply end what it ends; one that is a trigger's word and nothing else gives the lead that trigger."""
        wish = self._wish(reply)
        people = self._who_wrote(channel, reply)
        if not people:
            self._not_known(channel, reply.user_id, wish, reply.text or reply.button)
        for phone, email in people:
            leads = self._ids(phone, email)
            self._cold.let_go_on(channel, reply.account, leads, self._now())
            if reply.is_edit and wish not in {Wish.STOP, Wish.MAYBE_STOP}:
                continue  # what it changes was their reply
            received = self._heard(wish, reply.text or reply.button, phone, email)
            if not received.stopped and is_invited_only(self._channels[channel]):
                self._cold.enroll_invited(leads, self._now())
            if not received.stopped and self._sequences.starts_on(reply.text):
                self._add_known(phone, email, [reply.text], reply.name)

    def _not_known(self, channel: str, user_id: str | None, wish: Wish | None, said: str) -> None:
        """Keep the stop of somebody whom nobody knows yet; no wish is one that they told the provider."""
        _log.warning("webhook.nobody channel=%s wish=%s", channel, wish or "stop_at_provider")
        if user_id is not None and wish is Wish.START:
            self._early_stops.drop(channel, user_id)
        elif user_id is not None and wish in _STOPPING:
            self._early_stops.keep(channel, user_id, Reason.of(_STOPPING[wish], text=as_text(said, 40)), self._now())

    def _take_early(self, channel: str) -> None:
        """Let stops have their effect of people who have just become known."""
        for early in self._early_stops.take_known(channel):
            if early.code is ReasonCode.MAYBE_OPTED_OUT:
                self._stopping.doubt([early.lead_id], early.said)
            elif early.phone is not None:
                self.opt_out(phone=f"+{early.phone}", reason=early.reason)
            else:
                self.opt_out(email=early.email, reason=early.reason)

    def _wish(self, reply: Reply) -> Wish:
        return self._wish_of(reply.text, button=reply.button, keyword=reply.keyword)

    def _recognized(self, channel: str, event: Event) -> Event:
        """Return an event as one of a lead's own phone, where it is of a lead that is known by another name."""
        match event:
            case Reply(phone=phone, user_id=user_id) | Preference(phone=phone, user_id=user_id):
                lead = self._known(channel, phone, user_id)
                if lead is None or lead.phone is None:
                    return event
                self._identities.learn(_other_names(channel, lead, phone, user_id), self._now())
                return replace(event, phone=lead.phone)
            case Named(phone=phone, user_id=user_id):
                lead = self._known(channel, phone, None)
                if lead is not None:
                    self._identities.learn(_other_names(channel, lead, phone, user_id), self._now())
                return event
            case NumberChanged():
                lead = self._changed(channel, event)
                if lead is not None:
                    # What is sent goes on to the number that the lead has: only a person or a list changes that.
                    self._identities.learn(_other_names(channel, lead, event.new, *event.also), self._now())
                    _log.warning("lead.has_another_number lead=%s", lead.id)
                return event
            case _:
                return event

    def _keep_barred(self, channel: str, changed: NumberChanged) -> None:
        """Bar the new number of whoever wants no more: it may come in with the next list."""
        lead = self._changed(channel, changed) if changed.new.isdecimal() else None
        barred = None if lead is None or lead.phone is None else self._stopping.barred(lead.phone)
        if barred is not None and barred.code in OPT_OUTS:
            self.opt_out(phone=f"+{changed.new}", reason=barred)

    def _changed(self, channel: str, changed: NumberChanged) -> Lead | None:
        return next(filter(None, (self._lead_called(channel, name) for name in (changed.old, *changed.also))), None)

    def _lead_called(self, channel: str, name: str) -> Lead | None:
        return self._known(channel, name, None) if name.isdecimal() else self._known(channel, None, name)

    def _known(self, channel: str, phone: str | None, user_id: str | None) -> Lead | None:
        """Return the lead of a phone, else of another way to write it, else the one that the provider knows so."""
        for written in () if phone is None else (phone, *variants(phone)):
            if leads := self._reads.leads(written):
                return leads[0]
        names = [name for name in (user_id, phone) if name]
        return self._identities.lead_of(channel, names) if names else None

    def _receipt_of(self, channel: str, event: Event) -> Receipt | None:
        """Return what an event says of a message of ours, if anything; a mail that came back is the last that went."""
        if not isinstance(event, MailReturned):
            return event if isinstance(event, Receipt) else None
        sent = self._mailboxes.last_sent_to(event.email, channel)
        if sent is None:
            return None
        record_id, message = sent
        return Receipt(
            event.key,
            provider_id=message,
            record_id=record_id,
            state=Delivery.FAILED,
            at=event.at,
            failure=event.failure,
        )

    def _who_mailed(self, reply: Reply) -> list[tuple[str | None, str | None]]:
        """Return who answered one of our mails, from whatever address; else whose address it is."""
        lead = None if reply.record_id is None else self._mailboxes.lead_of_record(reply.record_id)
        return [_known_by(one) for one in ([lead] if lead else self._reads.leads(reply.email or ""))]

    def _who_wrote(self, channel: str, reply: Reply) -> list[tuple[str | None, str | None]]:
        """Return the phone or the e-mail address of whoever wrote."""
        if reply.phone is None and reply.email is not None:
            return self._who_mailed(reply)
        return self._people(channel, reply.phone, reply.user_id)

    def _people(self, channel: str, phone: str | None, user_id: str | None) -> list[tuple[str | None, str | None]]:
        """Return the phone or the e-mail address of who is meant; without a phone, of each lead that the id names."""
        if phone is not None:
            return [(f"+{phone}", None)]
        known = self._known(channel, None, user_id)
        leads = self._chats.leads_of(user_id or "") or ([] if known is None else [known])
        return [_known_by(lead) for lead in leads]

    def _take_chat(self, channel: str, event: ChatStarted | ChatBlocked | ChatMoved) -> None:
        match event:
            case ChatStarted():
                self._take_start(channel, event)
            case ChatBlocked():
                leads = [lead.id for lead in self._chats.leads_of(event.chat)]
                self._stopping.exit_channel(leads, channel, Reason.of(ReasonCode.CHAT_BLOCKED))
            case ChatMoved():
                self._chats.move(event.old, event.new, self._now())

    def _take_start(self, channel: str, started: ChatStarted) -> None:
        """Make a chat that of the lead whose link opened it, and let what starts on that start."""
        links = start_links(self._channels[channel])
        named = None if links is None else links.lead_id(started.token)
        if links is None or named is None:
            # Who opens it without a link of ours, or again: no answer of theirs to anything.
            _log.info("chat.opened_by_nobody channel=%s", channel)
            return
        lead = self._chats.open(named, started.chat, lambda lead: links.is_of(started.token, lead), self._now())
        if lead is None:
            _log.warning("chat.link_is_not_ours channel=%s", channel)
        elif self._sequences.starts_on(OPENED):
            phone, email = _known_by(lead)
            self._add_known(phone, email, [OPENED])

    def _take_preference(self, channel: str, preference: Preference) -> None:
        """Bar who told the provider to stop, and let go who took that back: nothing else that bars them."""
        people = self._people(channel, preference.phone, preference.user_id)
        if not people:
            self._not_known(channel, preference.user_id, None if not preference.is_wanted else Wish.START, "")
        for phone, email in people:
            if not preference.is_wanted:
                self.opt_out(phone=phone, email=email, reason=Reason.of(ReasonCode.OPTED_OUT_AT_PROVIDER))
            else:
                self._stopping.lift(self._addresses(phone, email), ReasonCode.OPTED_OUT_AT_PROVIDER)


def _known_by(lead: Lead) -> tuple[str | None, str | None]:
    """Return the phone by which a lead is known, or its e-mail address where it has none."""
    return (f"+{lead.phone}", None) if lead.phone else (None, lead.email)


def _other_names(channel: str, lead: Lead, *names: str | None) -> dict[Identity, int]:
    """Return the names beside its own phone under which a lead has just been told of."""
    return {Identity(channel, value=name): lead.id for name in names if name and name != lead.phone}
