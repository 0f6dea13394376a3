"""What people wrote, as it is kept: whose it is, and what it was taken for."""

from dripline.app.session import Session
from dripline.core.events.inbound import AutomaticReply, MessageKind, Reply
from dripline.core.reason import Reason, ReasonCode
from dripline.core.replies.message_class import MessageClass, class_of, reason_for
from dripline.core.replies.stopping import Wish
from dripline.core.views.messages import NewMessage

People = list[tuple[str | None, str | None]]
"""People, each by a phone or an e-mail address."""


class ReceivedMessages:
    """Makes messages of what providers tell. Ask after it had its effects: whoever came in by it is a lead then."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._application = session.application

    def written(self, channel: str, reply: Reply, wish: Wish, people: People) -> NewMessage:
        """Return what a person wrote to us."""
        writer, kind = self._writer(channel, reply)
        return NewMessage(
            channel,
            leads=self._leads(people),
            account=reply.account,
            writer=writer,
            writer_kind=kind,
            provider_id=reply.key,
            at=reply.at,
            kind=MessageKind.BUTTON if reply.button else reply.kind,
            text=reply.text or reply.button,
            message_class=class_of(wish),
            reason=reason_for(wish, reply.text, self._words(), button=reply.button, keyword=reply.keyword),
        )

    def automatic(self, channel: str, reply: AutomaticReply, people: People) -> NewMessage:
        """Return what a program wrote in a person's place."""
        return NewMessage(
            channel,
            leads=self._leads(people),
            account=reply.account,
            writer=reply.email,
            writer_kind="email",
            provider_id=reply.key,
            at=reply.at,
            text=reply.text,
            message_class=MessageClass.AUTO_REPLY,
            reason=Reason.of(ReasonCode.WRITTEN_BY_PROGRAM, sign=reply.sign),
        )

    def reported(self, text: str, wish: Wish, phone: str | None, email: str | None) -> NewMessage:
        """Return what a program or a person says that somebody wrote."""
        return NewMessage(
            None,
            leads=self._leads([(phone, email)]),
            writer=self._session.address(phone, email),
            writer_kind="phone" if phone is not None else "email",
            at=self._session.now(),
            text=text,
            message_class=class_of(wish),
            reason=reason_for(wish, text, self._words()),
        )

    def _leads(self, people: People) -> tuple[int, ...]:
        found = (lead for phone, email in people for lead in self._session.lead_ids(phone, email))
        return tuple(dict.fromkeys(found))

    def _writer(self, channel: str, reply: Reply) -> tuple[str, str]:
        if reply.phone is not None:
            return reply.phone, "phone"
        if reply.email is not None:
            return reply.email, "email"
        return reply.user_id or "", self._application.capabilities.contact_kinds.get(channel, "id")

    def _words(self) -> tuple[str, ...]:
        return tuple(self._stores.workspaces.state().workspace.stop_words)
