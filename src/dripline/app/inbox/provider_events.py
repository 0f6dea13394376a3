"""What a provider's event does: to leads, to messages, to accounts."""

import logging
from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import replace

from dripline.app.inbox.received_messages import People, ReceivedMessages
from dripline.app.inbox.replies import Replies
from dripline.app.leads import Leads
from dripline.app.session import Session
from dripline.channels.capabilities import capabilities_of
from dripline.core.events.inbound import (
    AccountNotice,
    AutomaticReply,
    ChatBlocked,
    ChatMoved,
    ChatStarted,
    Delivery,
    MailReturned,
    Named,
    NumberChanged,
    Preference,
    ProviderEvent,
    Receipt,
    Reply,
    TemplateChanged,
)
from dripline.core.events.notice import noticed
from dripline.core.leads.identity import Identity, variants
from dripline.core.leads.intake import new_lead
from dripline.core.leads.lead import Lead
from dripline.core.reason import OPT_OUTS, Reason, ReasonCode
from dripline.core.replies.stopping import Wish
from dripline.core.text import as_text
from dripline.core.views.messages import NewMessage

_STOPPING: Mapping[Wish | None, ReasonCode] = {
    Wish.STOP: ReasonCode.OPTED_OUT,
    Wish.MAYBE_STOP: ReasonCode.MAYBE_OPTED_OUT,
    None: ReasonCode.OPTED_OUT_AT_PROVIDER,
}
"""Why somebody is suppressed or held who asked for that."""


_log = logging.getLogger("dripline.inbound")


class ProviderEvents:
    """The effects of what providers tell."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._application = session.application
        self._replies = Replies(session)
        self._received = ReceivedMessages(session)

    def take(self, channel: str, event: ProviderEvent) -> list[NewMessage]:
        """Let an event have its effects; returns what somebody wrote in it."""
        match event:
            case Reply():
                return [self._take_reply(channel, event)]
            case AutomaticReply():
                return [self._received.automatic(channel, event, self._who_mailed(event))]
            case _:
                self._take_fact(channel, event)
                return []

    def _take_fact(self, channel: str, event: ProviderEvent) -> None:
        match event:
            case Receipt() | MailReturned() | Named() | Reply() | AutomaticReply():
                pass  # receipts are noted all at once, names when they were read
            case NumberChanged():
                self._keep_suppressed(channel, event)
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
        if not self._stores.notices.note(channel, said, event.at, self._session.now()):
            _log.info("notice.is_older channel=%s", channel)
        elif isinstance(event, TemplateChanged):
            steps = self._stores.conversations.note_template(channel, event)
            if steps and event.is_unusable:
                self._stores.notices.settle(channel, said)  # the step itself waits for a person
            _log.warning(
                "template.changed channel=%s template=%s language=%s status=%s steps=%s",
                *(channel, event.template, event.language, event.status, steps),
            )
        else:
            _log.warning("webhook.told channel=%s what=%s", channel, event.what)

    def _take_reply(self, channel: str, reply: Reply) -> NewMessage:
        """Let a reply end what it ends; one that is a trigger's word and nothing else gives the lead that trigger.

        Returns it as the message of those who are leads once it had its effects.
        """
        wish = self.wish_of(reply)
        people = self._who_wrote(channel, reply)
        if not people:
            self._not_known(channel, reply.user_id, wish, reply.text or reply.button)
        for phone, email in people:
            leads = self._session.lead_ids(phone, email)
            self._stores.cold.let_go_on(channel, reply.account, leads, self._session.now())
            if reply.is_edit and wish not in {Wish.STOP, Wish.MAYBE_STOP}:
                continue  # what it changes was their reply
            received = self._replies.take(wish, reply.text or reply.button, phone, email, reply.at)
            if not received.stopped and capabilities_of(self._session.channels[channel]).invited_only:
                self._stores.cold.enroll_invited(leads, self._session.now())
            if not received.stopped and self._stores.sequences.starts_on(reply.text):
                self._add_known(phone, email, [reply.text], reply.name)
        return self._received.written(channel, reply, wish, people)

    def _not_known(self, channel: str, user_id: str | None, wish: Wish | None, said: str) -> None:
        """Keep the stop of somebody whom nobody knows yet; no wish is one that they told the provider."""
        _log.warning("webhook.nobody channel=%s wish=%s", channel, wish or "stop_at_provider")
        if user_id is not None and wish is Wish.START:
            self._stores.early_stops.drop(channel, user_id)
        elif user_id is not None and wish in _STOPPING:
            self._stores.early_stops.keep(
                channel, user_id, Reason.of(_STOPPING[wish], text=as_text(said, 40)), self._session.now()
            )

    def take_early(self, channel: str) -> None:
        """Let stops have their effect of people who have just become known."""
        for early in self._stores.early_stops.take_known(channel):
            if early.code is ReasonCode.MAYBE_OPTED_OUT:
                self._stores.stopping.doubt([early.lead_id], early.said)
            elif early.phone is not None:
                Leads(self._session).opt_out(phone=f"+{early.phone}", reason=early.reason)
            else:
                Leads(self._session).opt_out(email=early.email, reason=early.reason)

    def wish_of(self, reply: Reply) -> Wish:
        """Return what a reply asks for."""
        return self._replies.wish_of(reply.text, button=reply.button, keyword=reply.keyword)

    def recognized(self, channel: str, event: ProviderEvent) -> ProviderEvent:
        """Return an event as one of a lead's own phone, where it is of a lead that is known by another name."""
        match event:
            case Reply(phone=phone, user_id=user_id) | Preference(phone=phone, user_id=user_id):
                lead = self.known(channel, phone, user_id)
                if lead is None or lead.phone is None:
                    return event
                self._stores.identities.learn(_other_names(channel, lead, phone, user_id), self._session.now())
                return replace(event, phone=lead.phone)
            case Named(phone=phone, user_id=user_id):
                lead = self.known(channel, phone, None)
                if lead is not None:
                    self._stores.identities.learn(_other_names(channel, lead, phone, user_id), self._session.now())
                return event
            case NumberChanged():
                lead = self._changed(channel, event)
                if lead is not None:
                    # What is sent goes on to the number that the lead has: only a person or a list changes that.
                    self._stores.identities.learn(
                        _other_names(channel, lead, event.new, *event.also), self._session.now()
                    )
                    _log.warning("lead.has_another_number lead=%s", lead.id)
                return event
            case _:
                return event

    def _keep_suppressed(self, channel: str, changed: NumberChanged) -> None:
        """Bar the new number of whoever wants no more: it may come in with the next list."""
        lead = self._changed(channel, changed) if changed.new.isdecimal() else None
        reason = None if lead is None or lead.phone is None else self._stores.stopping.suppression_reason(lead.phone)
        if reason is not None and reason.code in OPT_OUTS:
            Leads(self._session).opt_out(phone=f"+{changed.new}", reason=reason)

    def _changed(self, channel: str, changed: NumberChanged) -> Lead | None:
        return next(filter(None, (self._lead_called(channel, name) for name in (changed.old, *changed.also))), None)

    def _lead_called(self, channel: str, name: str) -> Lead | None:
        return self.known(channel, name, None) if name.isdecimal() else self.known(channel, None, name)

    def known(self, channel: str, phone: str | None, user_id: str | None) -> Lead | None:
        """Return the lead of a phone, else of another way to write it, else the one that the provider knows so."""
        for written in () if phone is None else (phone, *variants(phone)):
            if leads := self._stores.reads.leads(written):
                return leads[0]
        names = [name for name in (user_id, phone) if name]
        return self._stores.identities.lead_of(channel, names) if names else None

    def receipt_of(self, channel: str, event: ProviderEvent) -> Receipt | None:
        """Return what an event says of a message of ours, if anything; a mail that came back is the last that went."""
        if not isinstance(event, MailReturned):
            return event if isinstance(event, Receipt) else None
        sent = self._stores.mailboxes.last_sent_to(event.email, channel)
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

    def _who_mailed(self, reply: Reply | AutomaticReply) -> People:
        """Return who answered one of our mails, from whatever address; else whose address it is."""
        lead = None if reply.record_id is None else self._stores.mailboxes.lead_of_record(reply.record_id)
        return [_known_by(one) for one in ([lead] if lead else self._stores.reads.leads(reply.email or ""))]

    def _who_wrote(self, channel: str, reply: Reply) -> People:
        """Return the phone or the e-mail address of whoever wrote."""
        if reply.phone is None and reply.email is not None:
            return self._who_mailed(reply)
        return self._people(channel, reply.phone, reply.user_id)

    def _people(self, channel: str, phone: str | None, user_id: str | None) -> People:
        """Return the phone or the e-mail address of who is meant; without a phone, of each lead that the id names."""
        if phone is not None:
            return [(f"+{phone}", None)]
        known = self.known(channel, None, user_id)
        leads = self.in_chat(channel, user_id or "") or ([] if known is None else [known])
        return [_known_by(lead) for lead in leads]

    def in_chat(self, channel: str, chat: str) -> list[Lead]:
        """Return the leads whose chat with a channel this is."""
        kind = self._contact_kind(channel)
        return [] if kind is None else self._stores.chats.leads_of(kind, chat)

    def _contact_kind(self, channel: str) -> str | None:
        return self._application.capabilities.contact_kinds.get(channel)

    def _take_chat(self, channel: str, event: ChatStarted | ChatBlocked | ChatMoved) -> None:
        match event:
            case ChatStarted():
                self._take_start(channel, event)
            case ChatBlocked():
                leads = [lead.id for lead in self.in_chat(channel, event.chat)]
                self._stores.stopping.exit_channel(leads, channel, Reason.of(ReasonCode.CHAT_BLOCKED))
            case ChatMoved():
                if kind := self._contact_kind(channel):
                    self._stores.chats.move(kind, event.old, event.new, self._session.now())

    def _take_start(self, channel: str, started: ChatStarted) -> None:
        """Make a chat that of the lead whose link opened it, and let what starts on that start."""
        links = capabilities_of(self._session.channels[channel]).start_links
        kind = self._contact_kind(channel)
        named = None if links is None else links.lead_id(started.token)
        if links is None or kind is None or named is None:
            # Who opens it without a link of ours, or again: no answer of theirs to anything.
            _log.info("chat.opened_by_nobody channel=%s", channel)
            return
        lead = self._stores.chats.open(
            kind, named, started.chat, lambda lead: links.is_of(started.token, lead), self._session.now()
        )
        if lead is None:
            _log.warning("chat.link_is_not_ours channel=%s", channel)
        elif self._stores.sequences.starts_on(links.opened):
            phone, email = _known_by(lead)
            self._add_known(phone, email, [links.opened])

    def _take_preference(self, channel: str, preference: Preference) -> None:
        """Bar who told the provider to stop, and let go who took that back: nothing else that bars them."""
        people = self._people(channel, preference.phone, preference.user_id)
        if not people:
            self._not_known(channel, preference.user_id, None if not preference.is_wanted else Wish.START, "")
        for phone, email in people:
            if not preference.is_wanted:
                Leads(self._session).opt_out(
                    phone=phone, email=email, reason=Reason.of(ReasonCode.OPTED_OUT_AT_PROVIDER)
                )
            else:
                self._stores.stopping.lift(self._session.addresses(phone, email), ReasonCode.OPTED_OUT_AT_PROVIDER)

    def _add_known(self, phone: str | None, email: str | None, triggers: Listing[str], name: str = "") -> None:
        """Give triggers to whoever wrote: a provider names them, by a number that is theirs, listed or not."""
        region = self._application.region
        lead = new_lead(phone=phone, email=email, name=name, triggers=triggers, region=region, is_known=True)
        self._stores.store.add_leads([lead], self._session.now())


def _known_by(lead: Lead) -> tuple[str | None, str | None]:
    """Return the phone by which a lead is known, or its e-mail address where it has none."""
    return (f"+{lead.phone}", None) if lead.phone else (None, lead.email)


def _other_names(channel: str, lead: Lead, *names: str | None) -> dict[Identity, int]:
    """Return the names beside its own phone under which a lead has just been told of."""
    return {Identity(channel, value=name): lead.id for name in names if name and name != lead.phone}
