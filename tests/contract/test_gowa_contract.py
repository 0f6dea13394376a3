"""Every request to a GOWA gateway is valid by its own specification, and its answer is understood.

The specification names no field as required and no length, so that this holds paths, types and the login, no more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from dripline import Accepted, Lead, Media, Message, Outcome
from dripline.channels.accounts import Pairing
from dripline.channels.gowa.channel import GowaChannel
from dripline.channels.gowa.devices import Link, link_of
from dripline.channels.gowa.gateway import Gateway, GatewayResponse
from dripline.core.records.trace import Absent, Sent
from dripline.core.senders.health import Well
from support.prism import serving

SPEC = "gowa-openapi-9.0.0.yaml"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# What the specification's own example of a message says.
EXAMPLE_AT = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
EXAMPLE = "Hello, how are you?"

Answer = TypeVar("Answer")


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with serving(SPEC) as url:
        yield url


def asked(gateway: str, question: Callable[[GowaChannel], Awaitable[Answer]]) -> Answer:
    channel = GowaChannel(gateway, username="drip", password="word", now=lambda: NOW)

    async def once() -> Answer:
        try:
            return await question(channel)
        finally:
            await channel.aclose()

    return asyncio.run(once())


def told(gateway: str, question: Callable[[Gateway], Awaitable[Answer]]) -> Answer:
    opened = Gateway(gateway, username="drip", password="word")

    async def once() -> Answer:
        try:
            return await question(opened)
        finally:
            await opened.aclose()

    return asyncio.run(once())


def send(gateway: str, text: str, media: Media | None = None) -> Outcome:
    lead = Lead(1, phone="60123456789")
    message = Message(
        "60123456789",
        text=text,
        media=media,
        record_id=7,
        attempt=1,
        lead=lead,
        sequence="Warm",
        step=1,
        account="jb-1",
    )
    return asked(gateway, lambda channel: channel.send(message))


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_a_medium_is_what_the_gateway_asks_for(gateway: str, kind: str) -> None:
    assert isinstance(send(gateway, "Look 😊", Media(kind, "https://shop.example.com/a")), Accepted)


@pytest.mark.parametrize("device", ["jb-1", "60198765432@s.whatsapp.net"])
def test_a_device_is_asked_after_and_reconnected_as_the_gateway_says(gateway: str, device: str) -> None:
    reconnected = told(gateway, lambda opened: opened.tell(f"/devices/{device}/reconnect"))

    assert told(gateway, lambda opened: link_of(opened, device)) == Link(True, is_connected=True)
    assert asked(gateway, lambda channel: channel.check_account(device)) == Well()
    assert isinstance(reconnected, GatewayResponse)
    assert reconnected.is_success


def test_a_device_is_made_and_linked_as_the_gateway_says(gateway: str) -> None:
    made = told(gateway, lambda opened: opened.tell("/devices", body={"device_id": "jb-1"}))
    by_code = asked(gateway, lambda channel: channel.pair("jb-1", "60123456789"))
    by_picture = asked(gateway, lambda channel: channel.pair("jb-1"))

    assert isinstance(made, GatewayResponse)
    assert (made.is_success, made.results["id"]) == (True, "my-device-id")
    assert by_code == Pairing(code="ABCD-1234")
    assert isinstance(by_picture, Pairing)
    assert (by_picture.qr_link or "").endswith(".png")
    assert by_picture.lasts == timedelta(seconds=30)


def test_a_chat_is_asked_for_what_we_wrote_as_the_gateway_says(gateway: str) -> None:
    """The specification's one message is not ours; were the request not valid, this would be no answer."""
    sent = Sent("jb-1", to="60123456789", text=EXAMPLE, since=EXAMPLE_AT - timedelta(hours=1))

    assert asked(gateway, lambda channel: channel.find_sent(sent)) == Absent()


def test_chats_are_asked_for_what_people_wrote_as_the_gateway_says(gateway: str) -> None:
    bodies = asked(gateway, lambda channel: channel.history("jb-1", EXAMPLE_AT - timedelta(hours=1)))

    assert isinstance(bodies, list)
    assert EXAMPLE in bodies[0]
    assert "6289685028129@s.whatsapp.net" in bodies[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/chats?limit=many"),
        ("GET", "/chat/60123456789@s.whatsapp.net/messages?limit=100&start_time=yesterday"),
        ("POST", "/devices/jb-1/login/code"),
        ("GET", "/devices/jb-1/reconnect"),
    ],
)
def test_a_question_that_breaks_the_contract_is_found(gateway: str, method: str, path: str) -> None:
    assert httpx.request(method, f"{gateway}{path}", auth=("drip", "word")).is_client_error


@pytest.mark.parametrize("text", ["Hi", "Hi 😊 ключ\n\nsee https://example.com", "x" * 4_096])
def test_a_text_is_what_the_gateway_asks_for(gateway: str, text: str) -> None:
    outcome = send(gateway, text)

    assert isinstance(outcome, Accepted)
    assert outcome.provider_id.startswith("3EB0")


@pytest.mark.parametrize(
    ("phone", "login", "status"), [(60123456789, ("drip", "word"), 400), ("60123456789", None, 401)]
)
def test_a_request_that_breaks_the_contract_is_found(
    gateway: str, phone: object, login: tuple[str, str] | None, status: int
) -> None:
    answer = httpx.post(f"{gateway}/send/message", json={"phone": phone, "message": "Hi"}, auth=login)

    assert answer.status_code == status
