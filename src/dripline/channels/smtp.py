"""Mail: one message a record through your own server, over a few connections that are kept and reused.

What each reply means follows RFC 5321 §4.2 and the enhanced codes of RFC 3463: 4xx may be tried later, 5xx never.
Once the content has begun to leave, a lost connection or a silence is `Unknown`: the server may have taken it.
"""

import asyncio
import re
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP as WIRE_FORMAT
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from html import escape

import aiosmtplib

from dripline.channels.secret import without_secrets
from dripline.channels.smtp_replies import RATE_REST, Meaning, meaning
from dripline.core.address import AddressKind, normalize_email
from dripline.core.model import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, SenderUnavailable, Unknown
from dripline.core.secret import Hidden
from dripline.core.unsubscribe import UnsubscribeLinks
from dripline.errors import InvalidEmail, InvalidSettings

CONNECTIONS = 5
"""How many connections are open at once."""

TIMEOUT = 20.0
"""How long one reply may take, in seconds; below the engine's own limit, so that the phase it fell in is known."""

UNSUBSCRIBE = "Unsubscribe"
"""What the link is called that every part of a mail ends with, where unsubscribe links are configured."""

WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720))
"""How long a mailbox that takes no mail now is left alone, the longer the oftener it refused: one that is greylisted
(RFC 6647) counts a try that comes sooner than some minutes as none."""

_BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)
_MAILBOX_IS_FULL = 552
_FIRST_PERMANENT = 500


class Security(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class SmtpChannel:
    """Sends mail from `sender`, plain, or with HTML beside it, and with a link of `links` in every part.

    `now` tells the time for the Date header.

    The Message-ID is made of the record id, the same on every try, so that servers and mailboxes can drop a double.

    Raises:
        InvalidSettings: The host, the port or the sender cannot be used.
    """

    address_kind = AddressKind.EMAIL
    idempotent = False
    sends_at_once = CONNECTIONS

    def __init__(  # noqa: PLR0913  (a server has as many settings)
        self,
        host: str,
        port: int = 587,
        *,
        sender: str,
        now: Callable[[], datetime],
        username: str | None = None,
        password: str | None = None,
        security: Security = Security.STARTTLS,
        links: UnsubscribeLinks | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        if not host.strip() or not 0 < port < 65_536:  # noqa: PLR2004  (16 bits)
            raise InvalidSettings(f"{host!r} port {port} cannot be a mail server: name a host and a port below 65536.")
        self._from = _sender(sender)
        self._domain = self._from.rpartition("@")[2]
        self._from_header = sender.strip()
        self._now = now
        self._links = links
        self._timeout = timeout
        self._connect = lambda: aiosmtplib.SMTP(
            hostname=host,
            port=port,
            username=username,
            password=password,
            use_tls=security is Security.TLS,
            start_tls=security is Security.STARTTLS,
            timeout=timeout,
        )
        self._pool = _Pool()
        self._hidden = Hidden({} if password is None else {password: "the password"})

    async def send(self, message: Message) -> Outcome:
        """Hand one mail to the server and say what became of it."""
        return without_secrets(await self._sent(message), self._hidden)

    async def aclose(self) -> None:
        """Take leave of the server on every kept connection."""
        while self._pool.idle:
            client = self._pool.idle.pop()
            try:
                await client.quit(timeout=1)
            except aiosmtplib.SMTPException:
                client.close()

    async def _sent(self, message: Message) -> Outcome:
        try:
            content = self._written(message).as_bytes(policy=WIRE_FORMAT)
            message.to.encode("ascii")
        except (MessageError, ValueError) as error:
            return Rejected(f"the mail cannot be written: {type(error).__name__}")
        async with self._pool.slot():
            client = await self._reused() or await self._opened()
            if not isinstance(client, aiosmtplib.SMTP):
                return client
            try:
                outcome = await self._handed_over(client, message, content)
            except asyncio.CancelledError:
                client.close()
                raise
            if client.is_connected and not isinstance(outcome, Unknown):
                self._pool.idle.append(client)
            else:
                client.close()
            return outcome if not isinstance(outcome, Accepted) else Accepted(self._message_id(message))

    def _message_id(self, message: Message) -> str:
        return f"<{message.record_id}.dripline@{self._domain}>"

    def _written(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._from_header
        mail["To"] = message.to
        # One line, so that a subject can never add a header.
        mail["Subject"] = " ".join((message.subject or message.sequence).split())
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = self._message_id(message)
        text, html = message.text, message.html
        if self._links is not None:
            url = self._links.url(message.to)
            # RFC 8058: both, so that a mail program may post to it without asking.
            mail["List-Unsubscribe"] = f"<{url}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            text, html = f"{text.rstrip()}\n\n{UNSUBSCRIBE}: {url}\n", html and _with_link(html, url)
        mail.set_content(text)
        if html is not None:
            # RFC 2046 §5.1.4: the plainest first, since the last one that a program can show is shown.
            mail.add_alternative(html, subtype="html")
        return mail

    async def _reused(self) -> aiosmtplib.SMTP | None:
        """Return a kept connection that still answers, if there is one: a stale one is let go before anything left."""
        while self._pool.idle:
            client = self._pool.idle.pop()
            try:
                await client.rset()
            except (aiosmtplib.SMTPException, OSError):
                client.close()
            else:
                return client
        return None

    async def _opened(self) -> aiosmtplib.SMTP | RetryLater | SenderUnavailable:
        """Return a new connection, or what it means that there is none. Nothing of the message has left."""
        client = self._connect()
        try:
            await client.connect()
        except asyncio.CancelledError:
            client.close()
            raise
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            if _needs_a_person(error):
                return SenderUnavailable(_told("the mail server refused us, our login or the protection", error))
            return RetryLater(_told("the mail server cannot be reached", error), scope=Scope.SENDER)
        return client

    async def _handed_over(self, client: aiosmtplib.SMTP, message: Message, content: bytes) -> Outcome:
        try:
            await client.mail(self._from)
            await client.rcpt(message.to)
        except aiosmtplib.SMTPSenderRefused as error:
            return _sender_refused(error)
        except aiosmtplib.SMTPRecipientRefused as error:
            return _recipient_refused(error, message.failures)
        except (aiosmtplib.SMTPException, OSError) as error:
            return RetryLater(_told("the mail server went away", error), scope=Scope.SENDER)
        try:
            reply = await client.data(content)
        except aiosmtplib.SMTPDataError as error:
            return _content_refused(error, message.failures)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Unknown(_told("the mail server went silent over the mail", error))
        return Accepted(reply.message)


class _Pool:
    """Kept connections and free places, for the event loop that is running; those of an ended loop are forgotten."""

    def __init__(self) -> None:
        self.idle: list[aiosmtplib.SMTP] = []
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._loop: asyncio.AbstractEventLoop | None = None

    def slot(self) -> asyncio.Semaphore:
        """Return the places of the running loop, to be entered."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self.idle, self._slots, self._loop = [], asyncio.Semaphore(CONNECTIONS), loop
        return self._slots


def _sender(written: str) -> str:
    try:
        return normalize_email(parseaddr(written)[1] or written)
    except InvalidEmail as error:
        raise InvalidSettings(f"The mail sender cannot be used: {error}") from error


def _needs_a_person(error: Exception) -> bool:
    """Whether trying again cannot help: a permanent refusal, or a protection the server does not offer or prove."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code >= _FIRST_PERMANENT
    # The library raises its bare base class where the server lacks STARTTLS, and wraps what TLS itself refused.
    return type(error) is aiosmtplib.SMTPException or isinstance(error.__cause__ or error, ssl.SSLError)


def _sender_refused(error: aiosmtplib.SMTPSenderRefused) -> Outcome:
    if error.code >= _FIRST_PERMANENT:
        return SenderUnavailable(_told("the mail server refused the sender", error))
    return RetryLater(_told("the mail server is busy", error), scope=Scope.SENDER)


def _recipient_refused(error: aiosmtplib.SMTPRecipientRefused, failures: int) -> Outcome:
    """Tell a wrong mailbox, which is never tried again, from what is held against us and from what may pass."""
    told = _told("the mail server refused the mail", error)
    match Meaning.LATER if error.code == _MAILBOX_IS_FULL else meaning(error.code, error.message):
        case Meaning.LATER:
            return RetryLater(
                _told("the mailbox does not take mail now", error), after=_wait(failures), scope=Scope.CONTACT
            )
        case Meaning.MAILBOX:
            return Rejected(_told("the mailbox does not exist", error), scope=Scope.CONTACT, suppress=True)
        case Meaning.RATE:
            return RetryLater(told, after=RATE_REST, scope=Scope.SENDER)
        case Meaning.SENDER:
            return SenderUnavailable(told)
        case Meaning.MAIL:
            return Rejected(told)


def _content_refused(error: aiosmtplib.SMTPDataError, failures: int) -> Outcome:
    told = _told("the mail server refused the mail", error)
    match meaning(error.code, error.message):
        case Meaning.LATER:
            return RetryLater(told, after=_wait(failures))
        case Meaning.RATE:
            return RetryLater(told, after=RATE_REST, scope=Scope.SENDER)
        case Meaning.SENDER:
            return SenderUnavailable(told)
        case Meaning.MAILBOX | Meaning.MAIL:
            return Rejected(told)


def _wait(failures: int) -> timedelta:
    return WAITS[min(failures, len(WAITS) - 1)]


def _with_link(html: str, url: str) -> str:
    """Put the unsubscribe link before the end of the body, or at the very end where the HTML is only a part of one."""
    at = max((end.start() for end in _BODY_ENDS.finditer(html)), default=len(html))
    return f'{html[:at]}<p><a href="{escape(url)}">{UNSUBSCRIBE}</a></p>{html[at:]}'


def _told(what: str, error: Exception) -> str:
    """Say what happened with the server's own words: whole, since a part of a secret could not be left out of them."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{what} ({error.code} {' '.join(error.message.split())})"
    return f"{what} ({type(error).__name__})"
