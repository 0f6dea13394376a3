"""Every request to Twilio is valid by Twilio's own specification, and its answer is understood."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from dripline import Accepted, Lead, Message, Outcome
from dripline.channels.twilio.channel import TwilioChannel
from support.prism import serving

SPEC = "twilio-messages-subset.json"
ACCOUNT_SID = "AC" + "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def twilio() -> Iterator[str]:
    with serving(SPEC) as url:
        yield url


def send(url: str, text: str, *, is_whatsapp: bool = False, status_callback: str | None = None) -> Outcome:
    channel = TwilioChannel(
        ACCOUNT_SID,
        "token",
        sender="+14155552345",
        is_whatsapp=is_whatsapp,
        status_callback=status_callback,
        base_url=url,
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    )
    lead = Lead(1, phone="60123456789")
    message = Message("60123456789", text=text, record_id=7, attempt=1, lead=lead, sequence="Warm", step=1)

    async def once() -> Outcome:
        try:
            return await channel.send(message)
        finally:
            await channel.aclose()

    return asyncio.run(once())


@pytest.mark.parametrize("is_whatsapp", [False, True])
@pytest.mark.parametrize("text", ["Hi", "Hi 😊 ключ & more\n\nsee https://example.com", "x" * 1_600])
def test_a_text_is_what_twilio_asks_for(twilio: str, text: str, *, is_whatsapp: bool) -> None:
    outcome = send(twilio, text, is_whatsapp=is_whatsapp, status_callback="https://example.com/status?shop=1")

    assert isinstance(outcome, Accepted)
    assert outcome.provider_id.startswith("SM")


@pytest.mark.parametrize(
    ("form", "login", "status"),
    [({"From": "+14155552345", "Body": "Hi"}, ("AC", "token"), 422), ({"To": "+60123456789", "Body": "Hi"}, None, 401)],
)
def test_a_request_that_breaks_the_contract_is_found(
    twilio: str, form: dict[str, str], login: tuple[str, str] | None, status: int
) -> None:
    answer = httpx.post(f"{twilio}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json", data=form, auth=login)

    assert answer.status_code == status
