"""Every request to a GOWA gateway is valid by its own specification, and its answer is understood.

The specification names no field as required and no length, so that this holds paths, types and the login, no more.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from prism import serving

from dripline import Accepted, Lead, Message, Outcome
from dripline.channels.gowa import GowaChannel

SPEC = "gowa-openapi-9.0.0.yaml"


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with serving(SPEC) as url:
        yield url


def send(gateway: str, text: str) -> Outcome:
    channel = GowaChannel(gateway, username="drip", password="word", now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    lead = Lead(1, phone="60123456789")
    message = Message(
        "60123456789", text=text, record_id=7, attempt=1, lead=lead, sequence="Warm", step=1, account="jb-1"
    )

    async def once() -> Outcome:
        try:
            return await channel.send(message)
        finally:
            await channel.aclose()

    return asyncio.run(once())


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
