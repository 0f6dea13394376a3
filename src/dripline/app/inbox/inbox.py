"""What comes back from providers: kept when it is posted, taken in before the next claim."""

import logging
from collections.abc import Mapping

from dripline.app.inbox.posts import Posts
from dripline.app.inbox.received_messages import ReceivedMessages
from dripline.app.inbox.replies import Replies
from dripline.app.permissions import UseCases, public, requires
from dripline.app.session import Session
from dripline.channels.accounts import reads_mailboxes
from dripline.core.accounts.access import Scope
from dripline.core.views.leads import ReplyResult
from dripline.core.views.operations import RefusedPosts

_log = logging.getLogger("dripline.inbound")


class Inbox(UseCases):
    """What providers post, and what leads write."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._posts = Posts(session)

    @public
    def channels(self) -> list[str]:
        """Return the channels of this process whose providers post to us."""
        self._session.find_channels()
        return [name for name in self._posts.posted_to() if not reads_mailboxes(self._session.channels[name])]

    @public
    def challenge(self, channel: str, query: Mapping[str, str], *, hook: str | None = None) -> str | None:
        """Return what to answer a provider that asks whether this is our webhook; None if it is not the provider.

        `hook`: the end of a sender's own address, where it asks there.

        Raises:
            ChannelNotConfigured: No channel of that name takes anything in, or no sender has that address.
            InvalidCredential: The credential of the sender that has it cannot be used here.
        """
        if hook is None:
            return self._posts.inbound(channel).challenge(query)
        answer = self._posts.posted_at(channel, hook)[1].challenge(query)
        if answer is not None:
            self._note_called(hook)
        return answer

    @public
    def receive_webhook(
        self, channel: str, headers: Mapping[str, str], body: bytes, *, hook: str | None = None
    ) -> bool:
        """Keep what a provider posted, and return at once; False, and nothing is kept, if the provider did not sign it.

        `headers` by their lower-case names, `body` as it came. `process` lets it have its effects. `hook`: the end of a
        sender's own address, where it was posted there.

        Raises:
            ChannelNotConfigured: No channel of that name takes anything in, or no sender has that address.
            InvalidCredential: The credential of the sender that has it cannot be used here.
        """
        sender, inbound = (None, self._posts.inbound(channel)) if hook is None else self._posts.posted_at(channel, hook)
        if not inbound.is_genuine(headers, body):
            self._stores.inbox.refuse(channel, self._session.now())
            _log.warning("webhook.refused channel=%s bytes=%s", channel, len(body))
            return False
        # As text: what is no UTF-8 is no JSON either, and is seen when it is read.
        text = body.decode("utf-8", "replace").replace("\x00", "")
        is_urgent = self._posts.is_urgent(channel, text, sender)
        self._stores.inbox.keep(channel, text, self._session.now(), is_urgent=is_urgent, sender=sender)
        if hook is not None:
            self._note_called(hook)
        self._session.wake()
        return True

    def _note_called(self, hook: str) -> None:
        with self._stores.store.transaction():
            self._stores.credentials.note_called(hook, self._session.now())

    @public
    def process(self) -> int:
        """Let everything posted by now have its effects, a body a transaction; returns how many events were new.

        A reply ends sequences, a stop word bars, a trigger's word enrolls, a receipt is noted on its record. Processors
        do this before each pass.
        """
        return self._posts.process()

    @requires(Scope.REPORTS_READ)
    def refused_posts(self) -> list[RefusedPosts]:
        """Return how many posts were refused in the last 30 days because their provider had not signed them."""
        return self._stores.inbox.refused(self._session.now())

    @requires(Scope.LEADS_WRITE, audited_as="receive")
    def receive(self, text: str, *, phone: str | None = None, email: str | None = None) -> ReplyResult:
        """Take in what a person wrote: a stop word bars them for good, anything else is a reply.

        A reply ends, pauses or leaves alone what they are in, as each sequence says (`on_reply`). What only may ask to
        stop pauses all that they are in until a person has decided (`leads.maybe_stopped`). START lifts what a stop
        word of their own suppressed, and is no reply; nor is HELP. Done before the next claim: what is being sent at
        this instant still goes.
        """
        replies = Replies(self._session)
        wish = replies.wish_of(text)
        result = replies.take(wish, text, phone, email)
        message = ReceivedMessages(self._session).reported(text, wish, phone, email)
        self._stores.messages_in.keep([message], self._session.now())
        return result
