"""What providers say of a credential, fact by fact."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest

from dripline import CredentialFact
from dripline.channels.accounts import ChecksCredentials
from dripline.channels.gowa.channel import GowaChannel
from dripline.channels.smtp.channel import Security, SmtpChannel
from dripline.channels.telegram.channel import TelegramChannel
from dripline.channels.twilio.channel import TwilioChannel
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from support.endpoint import Endpoint, serving
from support.secrets_of_tests import ACCOUNT_SID, GOWA, META, TELEGRAM, TWILIO, secrets_in

Said = tuple[int, dict[str, object]]

NOTHING: dict[str, object] = {}
NO_APPS: dict[str, object] = {"data": list[str]()}
NO_MESSAGES: dict[str, object] = {"messages": list[str]()}
NUMBER = "106540352242922"
HOOK = "https://drip.example.com/hooks/x/1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def provider() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield endpoint


def answering(endpoint: Endpoint, answers: dict[str, Said]) -> str:
    """Let an endpoint answer questions by the end of their path; returns its address."""

    def get(handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        status, said = next(answer for end, answer in answers.items() if path.endswith(end))
        body = json.dumps(said).encode()
        handler.send_response(status)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    endpoint.asked = get
    return endpoint.url.removesuffix("/hook")


def facts(channel: ChecksCredentials, account: str | None = None, hook: str | None = HOOK) -> list[tuple[str, str]]:
    """Ask, and return the codes and states of the facts; none tells a secret."""

    async def once() -> list[CredentialFact]:
        try:
            return list(await channel.check_credential(account, hook))
        finally:
            await channel.aclose()  # type: ignore[attr-defined]

    found = asyncio.run(once())
    assert secrets_in(repr(found).encode()) == []
    return [(str(fact.code), str(fact.state)) for fact in found]


def refusal(code: int) -> dict[str, object]:
    return {"error": {"code": code, "message": f"no {META}"}}


SUBSCRIBED: dict[str, object] = {"data": [{"whatsapp_business_api_data": {"name": "Shop"}}]}
THERE: dict[str, object] = {"id": NUMBER, "display_phone_number": "+60 12-345 6789", "verified_name": "Shop"}


@pytest.mark.parametrize(
    ("number", "apps", "expected"),
    [
        ((200, THERE), (200, SUBSCRIBED), ["holds", "holds", "holds"]),
        ((200, THERE), (200, NO_APPS), ["holds", "holds", "fails"]),
        ((200, THERE), (400, refusal(100)), ["holds", "holds", "fails"]),
        ((401, refusal(190)), (401, refusal(190)), ["fails", "unknown", "fails"]),
        ((400, refusal(100)), (200, SUBSCRIBED), ["holds", "fails", "holds"]),
        ((500, refusal(2)), (200, SUBSCRIBED), ["unknown", "unknown", "holds"]),
        ((403, NOTHING), (200, SUBSCRIBED), ["fails", "unknown", "holds"]),
    ],
)
def test_meta(provider: Endpoint, number: Said, apps: Said, expected: list[str]) -> None:
    url = answering(provider, {f"/{NUMBER}": number, "/subscribed_apps": apps})
    channel = WhatsAppCloudChannel(META, base_url=url, business_account_id="102", now=lambda: NOW)

    assert facts(channel, NUMBER) == [*zip(("login", "account", "webhook"), expected, strict=True)]


def test_meta_away() -> None:
    channel = WhatsAppCloudChannel(META, base_url="http://127.0.0.1:1", now=lambda: NOW)

    assert facts(channel, NUMBER) == [("login", "unknown"), ("account", "unknown"), ("webhook", "unknown")]


UP: dict[str, object] = {"code": "SUCCESS", "results": {"is_logged_in": True, "is_connected": True}}
DOWN: dict[str, object] = {"code": "SUCCESS", "results": {"is_logged_in": False, "is_connected": False}}


@pytest.mark.parametrize(
    ("status", "webhook", "expected"),
    [
        ((200, UP), (200, {"results": {"webhook_url": HOOK}}), ["holds", "holds", "holds"]),
        ((200, UP), (200, {"results": {"webhook_url": "https://else"}}), ["holds", "holds", "fails"]),
        ((200, DOWN), (200, {"results": {"webhook_url": ""}}), ["holds", "fails", "unknown"]),
        ((404, {"code": "DEVICE_NOT_FOUND"}), (404, NOTHING), ["holds", "fails", "unknown"]),
        ((401, NOTHING), (401, NOTHING), ["fails", "unknown", "unknown"]),
    ],
)
def test_gowa(provider: Endpoint, status: Said, webhook: Said, expected: list[str]) -> None:
    url = answering(provider, {"/status": status, "/webhook": webhook})
    channel = GowaChannel(url, username="drip", password=GOWA, now=lambda: NOW)

    assert facts(channel, "jb-1") == [*zip(("login", "account", "webhook"), expected, strict=True)]


ME: dict[str, object] = {"ok": True, "result": {"id": 712345678, "username": "shop_bot"}}


@pytest.mark.parametrize(
    ("me", "info", "account", "expected"),
    [
        ((200, ME), (200, {"result": {"url": HOOK}}), None, ["holds", "holds", "holds"]),
        ((200, ME), (200, {"result": {"url": ""}}), "712345678", ["holds", "holds", "fails"]),
        ((200, ME), (200, {"result": {"url": "https://else"}}), "1", ["holds", "fails", "fails"]),
        ((401, {"description": f"no {TELEGRAM}"}), (401, NOTHING), None, ["fails", "unknown"]),
    ],
)
def test_telegram(
    provider: Endpoint,
    me: Said,
    info: Said,
    account: str | None,
    expected: list[str],
) -> None:
    url = answering(provider, {"/getMe": me, "/getWebhookInfo": info})

    found = facts(TelegramChannel(TELEGRAM, base_url=url), account)
    assert [state for _, state in found] == expected


@pytest.mark.parametrize(("status", "expected"), [((200, NO_MESSAGES), "holds"), ((401, {"code": 20003}), "fails")])
def test_twilio(provider: Endpoint, status: Said, expected: str) -> None:
    url = answering(provider, {"/Messages.json": status})
    channel = TwilioChannel(ACCOUNT_SID, TWILIO, base_url=url, now=lambda: NOW)

    assert facts(channel, "+14155552345")[0] == ("login", expected)


def test_a_mail_server_that_is_away() -> None:
    channel = SmtpChannel("127.0.0.1", 1, sender="a@example.com", security=Security.NONE, now=lambda: NOW)

    assert facts(channel) == [("login", "unknown")]
