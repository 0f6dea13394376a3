"""What a person wrote: a stop word, a wish, or a reply."""

from dataclasses import replace
from datetime import datetime

from dripline.app.leads import Leads
from dripline.app.session import Session
from dripline.core.events.inbound import Keyword
from dripline.core.reason import Reason, ReasonCode
from dripline.core.replies.stopping import Wish, wish_of
from dripline.core.text import as_text
from dripline.core.views.leads import ReplyResult


class Replies:
    """The effects of what people write."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._application = session.application

    def wish_of(self, text: str, *, button: str = "", keyword: Keyword | None = None) -> Wish:
        """Return what a person asks for by what they wrote, or by a button that they pressed."""
        wish = wish_of(text, self._stores.workspaces.state().workspace.stop_words, button=button, keyword=keyword)
        if wish in {Wish.MAYBE_STOP, Wish.HELP} and keyword is None and self._stores.sequences.starts_on(text):
            return Wish.NOTHING
        return wish

    def take(
        self, wish: Wish, text: str, phone: str | None, email: str | None, at: datetime | None = None
    ) -> ReplyResult:
        """Let what a person wrote, `at` an instant or now, have the effect that it asks for."""
        said = as_text(text.strip(), 40)
        match wish:
            case Wish.STOP:
                reason = Reason.of(ReasonCode.OPTED_OUT, text=said or str(wish))
                return ReplyResult(
                    stopped=True, ended=Leads(self._session).opt_out(phone=phone, email=email, reason=reason)
                )
            case Wish.MAYBE_STOP:
                return ReplyResult(
                    held=True, paused=self._stores.stopping.doubt(self._session.lead_ids(phone, email), said, at)
                )
            case Wish.START:
                allowed = bool(self._stores.stopping.lift_own(self._session.addresses(phone, email)))
                # Who begins a sequence with this word has answered what they are in.
                starts = self._stores.sequences.starts_on(text)
                replied = (
                    self._stores.stopping.reply(self._session.lead_ids(phone, email), at) if starts else ReplyResult()
                )
                return replace(replied, allowed=allowed)
            case Wish.HELP:
                return ReplyResult()
            case Wish.NOTHING:
                return self._stores.stopping.reply(self._session.lead_ids(phone, email), at)
