"""Mail servers that keep what they take, or refuse it."""

import contextlib
import socket
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from dripline import Lead, Message

NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)


def mail_to(to: str, **changes: object) -> Message:
    lead = Lead(1, email=to, name="Aina")
    message = Message(to, text="Hi Aina\n", record_id=7_000_000_000_001, attempt=1, lead=lead, sequence="Warm", step=1)
    return replace(message, **changes)


class Mailbox:
    """What the server does: takes mail, unless the address says otherwise (``550@…`` refuses with 550)."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.replies: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.open: SMTP | None = None

    async def handle_EHLO(  # noqa: N802  (the server library's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        del envelope
        session.host_name = hostname
        self.open = server
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        del server, session, rcpt_options
        reply = self.refused.get(address) or self.replies.get("rcpt", "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        del server, session, mail_options
        reply = self.replies.get("mail", "250 OK")
        if reply.startswith("250"):
            envelope.mail_from = address
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        content = envelope.content
        assert isinstance(content, bytes)
        reply = self.replies.get("data", "250 OK queued as 42")
        if reply.startswith("250"):
            mail = message_from_bytes(content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return reply

    def hang_up(self) -> None:
        """Close the latest connection, as a server does with one that was idle for long."""
        assert self.open is not None
        transport = self.open.transport
        assert transport is not None
        self.open.loop.call_soon_threadsafe(transport.close)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Doorkeeper:
    """Refuses every login, counts the tries, and opens the door for who comes after `opened`."""

    def __init__(self, refusal: str = "535 5.7.8 Authentication credentials invalid") -> None:
        self.tries = 0
        self.refusal: str | None = refusal

    def __call__(self, *_: object) -> AuthResult:
        self.tries += 1
        return AuthResult(success=self.refusal is None, handled=False, message=self.refusal)


@contextlib.contextmanager
def guarded(mailbox: Mailbox, keeper: Doorkeeper) -> Generator[Controller]:
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=free_port(), authenticator=keeper, auth_require_tls=False
    )
    controller.start()
    yield controller
    controller.stop()
