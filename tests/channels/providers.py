"""The providers of dripline's own channels, as the conformance kit plays them."""

import asyncio
import base64
import hashlib
import hmac
import io
import json
import logging
import socket
from collections.abc import Sequence as Listing
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from typing_extensions import override

from dripline import Channel, ConsoleChannel
from dripline.channels.gowa.channel import GowaChannel
from dripline.channels.http.client import HttpResponse
from dripline.channels.smtp.channel import Security, SmtpChannel
from dripline.channels.telegram.channel import TelegramChannel
from dripline.channels.twilio.channel import TwilioChannel
from dripline.channels.twilio.webhook import TwilioWebhook
from dripline.channels.webhook.channel import WebhookChannel
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from dripline.channels.whatsapp.webhook import CloudWebhook
from dripline.conformance import Behaviour, HttpProvider, Posted, Provider, Request

NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
PERSON = "60123456789"
WORD = "a-word-of-" + "ours-only"


def json_answer(body: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, headers={"content-type": "application/json"}, body=json.dumps(body).encode())


def login(name: str, password: str) -> str:
    return base64.b64encode(f"{name}:{password}".encode()).decode()


def signed(event: object) -> Posted:
    """As Meta and GOWA sign."""
    body = json.dumps(event).encode()
    proof = hmac.new(WORD.encode(), body, hashlib.sha256).hexdigest()
    return Posted({"x-hub-signature-256": f"sha256={proof}", "content-type": "application/json"}, body)


class Printed(Provider):
    """A console."""

    plays = frozenset({Behaviour.ACCEPT})

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @override
    def channel(self, timeout: float) -> Channel:
        return ConsoleChannel(self.stream)

    @override
    def play(self, behaviour: Behaviour) -> None:
        """Accept."""

    @override
    def taken(self) -> int:
        return sum(line.startswith("→ ") for line in self.stream.getvalue().splitlines())


class Receiver(HttpProvider):
    """An endpoint of one's own."""

    secrets = ("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)

    @override
    def channel(self, timeout: float) -> Channel:
        return WebhookChannel(f"{self.url}/hook", self.secrets[0], now=lambda: NOW, timeout=timeout)

    @override
    def accepted(self, number: int) -> HttpResponse:
        return HttpResponse(204, headers={}, body=b"")


class Meta(HttpProvider):
    secrets = ("EAAG-" + "0123456789abcdef", WORD)

    @override
    def channel(self, timeout: float) -> Channel:
        return WhatsAppCloudChannel(
            self.secrets[0],
            phone_number_id="106540352242922",
            webhook=CloudWebhook(WORD, "mine"),
            base_url=self.url,
            now=lambda: NOW,
            timeout=timeout,
        )

    @override
    def accepted(self, number: int) -> HttpResponse:
        return json_answer({"messages": [{"id": f"wamid.{number}"}]})

    @override
    def refused(self, request: Request) -> HttpResponse:
        return json_answer({"error": {"message": request.repeated, "code": 190}}, 401)

    @override
    def posted(self) -> Listing[Posted]:
        statuses = [
            {"id": "wamid.1", "status": state, "timestamp": STAMP, "biz_opaque_callback_data": "7", **more}
            for state, more in (("sent", {}), ("failed", {"errors": [{"code": 131026, "message": "No"}]}))
        ]
        written = {"id": "wamid.in", "from": PERSON, "timestamp": STAMP, "type": "text", "text": {"body": "STOP"}}
        told = {
            "metadata": {"phone_number_id": "106540352242922"},
            "contacts": [{"profile": {"name": "Aina"}, "wa_id": PERSON}],
            "statuses": statuses,
            "messages": [written],
        }
        preference = {"user_preferences": [{"wa_id": PERSON, "value": "stop", "timestamp": STAMP}]}
        template = {"message_template_name": "warm", "message_template_language": "en", "event": "PAUSED"}
        changes = {"messages": told, "user_preferences": preference, "message_template_status_update": template}
        return [
            signed({"entry": [{"time": int(STAMP), "changes": [{"field": name, "value": value}]}]})
            for name, value in changes.items()
        ]


class Gateway(HttpProvider):
    """GOWA."""

    account = "jb-1"
    secrets = ("pass-" + "0123456789", login("drip", "pass-" + "0123456789"), WORD)

    @override
    def channel(self, timeout: float) -> Channel:
        return GowaChannel(
            self.url,
            username="drip",
            password=self.secrets[0],
            webhook_secret=WORD,
            now=lambda: NOW,
            timeout=timeout,
        )

    @override
    def accepted(self, number: int) -> HttpResponse:
        return json_answer({"code": "SUCCESS", "results": {"message_id": f"3EB0{number}"}})

    @override
    def refused(self, request: Request) -> HttpResponse:
        return json_answer({"code": "VALIDATION_ERROR", "message": request.repeated}, 400)

    @override
    def posted(self) -> Listing[Posted]:
        jid, at = f"{PERSON}@s.whatsapp.net", NOW.isoformat()
        written = {"id": "3EB0", "chat_id": jid, "from": jid, "from_name": "Aina", "timestamp": at, "body": "STOP"}
        read = {"ids": ["3EB01", "3EB02"], "chat_id": jid, "from": jid, "receipt_type": "read"}
        common = {"device_id": "60198765432@s.whatsapp.net", "timestamp": at}
        return [
            signed({"event": "message", "payload": written, **common}),
            signed({"event": "message.ack", "payload": read, **common}),
        ]


class Twilio(HttpProvider):
    """SMS; WhatsApp where `is_whatsapp`."""

    is_whatsapp = False
    sid = "AC" + "0123456789abcdef" * 2
    hook = "https://example.com/hooks/sms"
    secrets = ("token-" + "0123456789abcdef", login(sid, "token-" + "0123456789abcdef"))

    @override
    def channel(self, timeout: float) -> Channel:
        return TwilioChannel(
            self.sid,
            self.secrets[0],
            sender="+14155552345",
            is_whatsapp=self.is_whatsapp,
            webhook=TwilioWebhook(self.secrets[0], self.hook),
            base_url=self.url,
            now=lambda: NOW,
            timeout=timeout,
        )

    @override
    def accepted(self, number: int) -> HttpResponse:
        return json_answer({"sid": f"SM{number:032}"}, 201)

    @override
    def refused(self, request: Request) -> HttpResponse:
        return json_answer({"code": 20003, "message": request.repeated}, 401)

    @override
    def posted(self) -> Listing[Posted]:
        prefix = "whatsapp:" if self.is_whatsapp else ""
        to, person = f"{prefix}+14155552345", f"{prefix}+{PERSON}"
        written = {"MessageSid": "SM1", "From": person, "To": to, "Body": "STOP", "ProfileName": "Aina"}
        receipt = {"MessageSid": "SM2", "MessageStatus": "failed", "ErrorCode": "30003", "From": to, "To": person}
        return [self._signed(written), self._signed(receipt)]

    def _signed(self, form: dict[str, str]) -> Posted:
        text = self.hook + "".join(name + value for name, value in sorted(form.items()))
        proof = base64.b64encode(hmac.digest(self.secrets[0].encode(), text.encode(), "sha1")).decode()
        return Posted({"x-twilio-signature": proof}, urlencode(form).encode())


class TwilioWhatsApp(Twilio):
    is_whatsapp = True


class Telegram(HttpProvider):
    attributes = {"telegram_chat_id": "424242"}  # noqa: RUF012  (never changed)
    secrets = ("110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",)

    @override
    def channel(self, timeout: float) -> Channel:
        return TelegramChannel(self.secrets[0], base_url=self.url, timeout=timeout)

    @override
    def accepted(self, number: int) -> HttpResponse:
        return json_answer({"ok": True, "result": {"message_id": number}})

    @override
    def refused(self, request: Request) -> HttpResponse:
        return json_answer({"ok": False, "description": request.repeated}, 400)


class MailServer(Provider):
    """A mail server that wants a login. It says no after the whole mail only: before that, nothing would have left."""

    plays = frozenset(Behaviour) - {Behaviour.BREAK_DOWN, Behaviour.ANSWER_NONSENSE}
    secrets = ("s3cret-word", base64.b64encode(b"\0shop\0s3cret-word").decode())

    def __init__(self) -> None:
        self.mails = 0
        self.connections = 0
        self.behaviour = Behaviour.ACCEPT
        self.port = _free_port()
        self._controller = _Listening(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        # The server's own log, in this very process, holds what a client sends.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.behaviour is not Behaviour.BE_AWAY:
            self._controller.stop()

    @override
    def channel(self, timeout: float) -> Channel:
        return SmtpChannel(
            "127.0.0.1",
            self.port,
            sender="Kak Lina <shop@example.com>",
            username="shop",
            password=self.secrets[0],
            security=Security.NONE,
            now=lambda: NOW,
            timeout=timeout,
        )

    @override
    def play(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        if behaviour is Behaviour.BE_AWAY:
            self._controller.stop()

    @override
    def taken(self) -> int:
        return self.mails

    @override
    def open_connections(self) -> int:
        return self.connections

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  (the server library's name)
        del session
        self.mails += 1
        content = envelope.content
        assert isinstance(content, bytes)
        match self.behaviour:
            case Behaviour.REFUSE:
                return f"554 5.7.1 spam: {content[:50].decode('ascii', 'replace').splitlines()[0]}"
            case Behaviour.BE_BUSY:
                return "451 4.3.0 try later"
            case Behaviour.HANG_UP:
                assert server.transport is not None
                server.transport.close()
            case Behaviour.BE_SILENT:
                await asyncio.Event().wait()
            case _:
                pass
        return "250 OK queued as 42"


class _Session(SMTP):
    """One that is counted."""

    mail_server: MailServer

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.mail_server.connections += 1
        super().connection_made(transport)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self.mail_server.connections -= 1
        super().connection_lost(error)


class _Listening(Controller):
    @override
    def factory(self) -> SMTP:
        def admit(*_: object) -> AuthResult:
            return AuthResult(success=True)

        mail_server = self.handler
        assert isinstance(mail_server, MailServer)
        session = _Session(mail_server, authenticator=admit, auth_require_tls=False)
        session.mail_server = mail_server
        return session


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


OVER_HTTP: dict[str, type[HttpProvider]] = {
    "webhook": Receiver,
    "whatsapp": Meta,
    "gowa": Gateway,
    "sms": Twilio,
    "twilio_whatsapp": TwilioWhatsApp,
    "telegram": Telegram,
}
"""Who plays the provider of each channel that speaks HTTP."""
