"""Mail: one message a record through your own server, over a few connections that are kept and reused.

What each reply means follows RFC 5321 §4.2 and the enhanced codes of RFC 3463: 4xx may be tried later, 5xx never.
Once the content has begun to leave, a lost connection or a silence is `Unknown`: the server may have taken it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import aiosmtplib

from dripline.channels.capabilities import SENDS_AT_ONCE, Capabilities
from dripline.channels.secret import without_secrets
from dripline.channels.smtp.account import SUBMISSION, Security, SmtpAccount
from dripline.channels.smtp.imap import ImapMailbox, MailboxClosed
from dripline.channels.smtp.mail import UNSUBSCRIBE, message_id, wire_format
from dripline.channels.smtp.mail_reading import events_of, written
from dripline.channels.smtp.replies import RATE_REST, RefusalKind, is_busy_with_us, meaning, remedy
from dripline.channels.smtp.session import CONNECTIONS, Sessions, error_text, refused_us
from dripline.core.events.inbound import ProviderEvent
from dripline.core.events.mailbox import LastRead, NewMail
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.messages.unsubscribe_links import UnsubscribeLinks
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, SenderUnavailable, Unknown
from dripline.core.secret import Redactor
from dripline.core.senders.credential import CredentialFact, FactCode, fails, holds, not_known
from dripline.core.senders.health import Unsure

__all__ = ["CONNECTIONS", "UNSUBSCRIBE", "Security", "SmtpChannel"]

TIMEOUT = 20.0
"""How long one reply may take, in seconds; below the engine's own limit, so that the phase it fell in is known."""

WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720))
"""How long a mailbox that takes no mail now is left alone, the longer the oftener it refused: one that is greylisted
(RFC 6647) counts a try that comes sooner than some minutes as none."""

_MAILBOX_IS_FULL = 552
_FIRST_PERMANENT = 500


class SmtpChannel:
    """Sends mail from `sender`, plain, or with HTML beside it, and with a link of `links` in every part.

    `now` tells the time for the Date header. `reply_to` is where answers are to go, if not to the sender. A sender
    whose `account` is the name of one of `accounts` sends through that one, with its own login and connections;
    `account_name` is what senders call the first one, if they do.
    What people answer, and what came back, is read from `inboxes`, by name.

    The Message-ID is made of the record id, the same on every try, so that servers and mailboxes can drop a double.

    Raises:
        InvalidSettings: The host, the port or the sender cannot be used.
    """

    def __init__(  # noqa: PLR0913  (a server has as many settings)
        self,
        host: str,
        port: int = SUBMISSION,
        *,
        sender: str,
        now: Callable[[], datetime],
        username: str | None = None,
        password: str | None = None,
        security: Security = Security.STARTTLS,
        reply_to: str | None = None,
        account_name: str = "",
        accounts: Iterable[SmtpAccount] = (),
        inboxes: Mapping[str, ImapMailbox] | None = None,
        links: UnsubscribeLinks | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        account = SmtpAccount(
            host,
            port,
            sender=sender,
            username=username,
            password=password,
            security=security,
            reply_to=reply_to,
            name=account_name,
        )
        self._now = now
        self._links = links
        self._sessions = {one.name: Sessions(one, timeout) for one in (account, *accounts)}
        self._inboxes = dict(inboxes or {})
        self.mailboxes = list(self._inboxes)
        passwords = [one.account.password for one in self._sessions.values()]
        passwords += [inbox.password for inbox in self._inboxes.values()]
        self._hidden = Redactor({password: "the password" for password in passwords if password})
        self.capabilities = Capabilities(
            address_kind=AddressKind.EMAIL,
            sends_at_once=min(CONNECTIONS * len(self._sessions), SENDS_AT_ONCE),
            threads=True,
            refuses_in_words=True,
            # What was read from a mailbox is taken in as what is posted is.
            receives_events=bool(self._inboxes),
        )

    async def send(self, message: Message) -> Outcome:
        """Hand one mail to the server and say what became of it."""
        sessions = self._sessions.get(message.account or "")
        if sessions is None:
            return SenderUnavailable(
                f"there is no mailbox {message.account!r}, which its sender names as its account: set it "
                f"(mailboxes.{message.account}), or correct the account"
            )
        return without_secrets(await self._sent(message, sessions), self._hidden)

    async def aclose(self) -> None:
        """Take leave of the servers on every kept connection."""
        for sessions in self._sessions.values():
            await sessions.aclose()

    async def check_credential(self, account: str | None, webhook: str | None) -> list[CredentialFact]:
        """Say whether the mail server lets us in, and the mailbox that is read."""
        del webhook
        sessions = self._sessions.get(account or "")
        if sessions is None:
            return [fails(FactCode.ACCOUNT, f"there is no mailbox {account!r}")]
        async with sessions.slot():
            client = await sessions.connected()
            if isinstance(client, aiosmtplib.SMTP):
                sessions.keep(client)
        facts = [_login_fact(client), *[await _receiving_fact(inbox) for inbox in self._inboxes.values()]]
        return [replace(fact, text=self._hidden.out_of(fact.text)) for fact in facts]

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Answer nobody: nothing is posted to us."""
        del query
        return None

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Take nothing that is posted: what comes in is read from mailboxes."""
        del headers, body
        return False

    def events(self, body: bytes) -> list[ProviderEvent]:
        """Return the events of what was kept of a mail."""
        return events_of(body)

    async def read_mailbox(
        self, name: str, seen: LastRead | None, since: datetime
    ) -> NewMail[tuple[str, str]] | Unsure:
        """Return what came in after what was seen, else since an instant."""
        try:
            read = await asyncio.to_thread(self._inboxes[name].read, seen, since)
        except MailboxClosed as problem:
            return Unsure(self._hidden.out_of(str(problem)))
        return NewMail([(one["key"], written(one)) for one in read.new], seen=read.seen, is_more=read.is_more)

    async def _sent(self, message: Message, sessions: Sessions) -> Outcome:
        try:
            content = wire_format(message, sessions.account, self._links, self._now())
        except ValueError as error:
            return Rejected(str(error))
        async with sessions.slot():
            client = await sessions.connected()
            if not isinstance(client, aiosmtplib.SMTP):
                return client
            try:
                outcome = await _handed_over(client, sessions, message, content)
            except asyncio.CancelledError:
                client.close()
                raise
            if client.is_connected and not isinstance(outcome, Unknown):
                sessions.keep(client)
            else:
                client.close()
            return outcome


def _login_fact(client: aiosmtplib.SMTP | RetryLater | SenderUnavailable) -> CredentialFact:
    if isinstance(client, aiosmtplib.SMTP):
        return holds(FactCode.LOGIN, "the mail server lets us in")
    return (not_known if isinstance(client, RetryLater) else fails)(FactCode.LOGIN, client.error)


async def _receiving_fact(inbox: ImapMailbox) -> CredentialFact:
    try:
        await asyncio.to_thread(inbox.check)
    except MailboxClosed as problem:
        return fails(FactCode.RECEIVING, str(problem))
    return holds(FactCode.RECEIVING, "the mailbox can be read")


async def _handed_over(client: aiosmtplib.SMTP, sessions: Sessions, message: Message, content: bytes) -> Outcome:
    account = sessions.account
    try:
        await client.mail(account.address)
        await client.rcpt(message.to)
    except aiosmtplib.SMTPSenderRefused as error:
        return _sender_refused(error)
    except aiosmtplib.SMTPRecipientRefused as error:
        return _recipient_refused(error, message, sessions)
    except (aiosmtplib.SMTPException, OSError) as error:
        return RetryLater(error_text("the mail server went away", error), scope=Scope.SENDER)
    try:
        await client.data(content)
    except aiosmtplib.SMTPDataError as error:
        return _content_refused(error, message.failures)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Unknown(error_text("the mail server went silent over the mail", error))
    return Accepted(message_id(message.record_id, account))


def _sender_refused(error: aiosmtplib.SMTPSenderRefused) -> Outcome:
    if error.code < _FIRST_PERMANENT:
        return RetryLater(error_text("the mail server is busy", error), scope=Scope.SENDER)
    return _rate_refused(error) if meaning(error.code, error.message) is RefusalKind.RATE else refused_us(error)


def _recipient_refused(error: aiosmtplib.SMTPRecipientRefused, message: Message, sessions: Sessions) -> Outcome:
    """Tell a wrong mailbox, which is never tried again, from what is held against us and from what may pass.

    What is held against us time after time for one receiver may be that one's own rule, and lets others go first.
    """
    if is_busy_with_us(error.code, error.message):
        return RetryLater(error_text("the mail server takes nothing from us now", error), scope=Scope.SENDER)
    match RefusalKind.LATER if error.code == _MAILBOX_IS_FULL else meaning(error.code, error.message):
        case RefusalKind.LATER:
            return _later(error_text("the mailbox does not take mail now", error), message)
        case RefusalKind.MAILBOX:
            return Rejected(error_text("the mailbox does not exist", error), scope=Scope.CONTACT, suppress=True)
        case RefusalKind.RATE:
            return _rate_refused(error)
        case RefusalKind.SENDER:
            refused = refused_us(error)
            return _later(refused.error, message) if sessions.is_stuck(message.record_id) else refused
        case RefusalKind.MAIL:
            return _mail_refused(error)


def _content_refused(error: aiosmtplib.SMTPDataError, failures: int) -> Outcome:
    if is_busy_with_us(error.code, error.message):
        return RetryLater(error_text("the mail server takes nothing from us now", error), scope=Scope.SENDER)
    match meaning(error.code, error.message):
        case RefusalKind.LATER:
            return RetryLater(error_text("the mail server refused the mail", error), after=_wait(failures))
        case RefusalKind.RATE:
            return _rate_refused(error)
        case RefusalKind.SENDER:
            return refused_us(error)
        case RefusalKind.MAILBOX | RefusalKind.MAIL:
            return _mail_refused(error)


def _rate_refused(error: aiosmtplib.SMTPResponseException) -> Outcome:
    said = f"the mail server {remedy(error.code, error.message)}"
    return RetryLater(error_text(said, error), after=RATE_REST, scope=Scope.SENDER)


def _mail_refused(error: aiosmtplib.SMTPResponseException) -> Outcome:
    return Rejected(error_text("the mail server refused the mail", error))


def _later(said: str, message: Message) -> RetryLater:
    return RetryLater(said, after=_wait(message.failures), scope=Scope.CONTACT)


def _wait(failures: int) -> timedelta:
    return WAITS[min(failures, len(WAITS) - 1)]
