"""Every request to the WhatsApp Cloud API is valid by Meta's own specification, and its answer is understood.

The specification lags the API: it lacks ``biz_opaque_callback_data``, which is taken out here and asserted apart. Its
pattern for the place of a button allows no 0, which its own example has: here such a button stands at 2.
"""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from dripline import Accepted, Lead, Media, Message, Outcome, Template
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from support.endpoint import Endpoint
from support.endpoint import serving as relaying
from support.hooked_shop import PHONE, hooked_shop
from support.prism import serving

SPEC = "whatsapp-cloud-business-messaging-api_v23.0.yaml"
BEYOND = "biz_opaque_callback_data"


@pytest.fixture(scope="module")
def meta() -> Iterator[str]:
    with serving(SPEC) as url:
        yield url


@pytest.fixture
def relay(meta: str) -> Iterator[Endpoint]:
    """Hands what it is sent to Prism, without what the specification lacks, and its answer back."""
    with relaying() as endpoint:

        def hand_on(request: BaseHTTPRequestHandler) -> None:
            headers, body = endpoint.requests[-1]
            known = {name: value for name, value in json.loads(body).items() if name != BEYOND}
            for component in known.get("template", {}).get("components", []):
                if "index" in component:
                    component["index"] = "2"
            kept = {name: headers[name] for name in ("authorization", "content-type") if name in headers}
            answer = httpx.post(meta + endpoint.paths[-1], json=known, headers=kept)
            request.send_response(answer.status_code)
            request.send_header("content-length", str(len(answer.content)))
            request.end_headers()
            request.wfile.write(answer.content)

        endpoint.rude = hand_on
        yield endpoint


def send(endpoint: Endpoint, text: str, media: Media | None = None, template: Template | None = None) -> Outcome:
    channel = WhatsAppCloudChannel(
        "token",
        phone_number_id="106540352242922",
        base_url=endpoint.url.removesuffix("/hook"),
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
    )
    lead = Lead(1, phone="60123456789")
    message = Message(
        "60123456789",
        text=text,
        media=media,
        template=template,
        record_id=7,
        attempt=1,
        lead=lead,
        sequence="Warm",
        step=1,
    )

    async def once() -> Outcome:
        try:
            return await channel.send(message)
        finally:
            await channel.aclose()

    return asyncio.run(once())


@pytest.mark.parametrize("text", ["Hi", "Hi 😊 ключ\n\nsee https://example.com", "x" * 4_096])
def test_a_text_is_what_meta_asks_for(relay: Endpoint, text: str) -> None:
    outcome = send(relay, text)

    assert isinstance(outcome, Accepted)
    assert outcome.provider_id.startswith("wamid.")
    assert json.loads(relay.requests[0][1])[BEYOND] == "7"


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_a_medium_is_what_meta_asks_for(relay: Endpoint, kind: str) -> None:
    filename = "Prices.pdf" if kind == "document" else None
    assert isinstance(send(relay, "Hi", Media(kind, "https://shop.example.com/a", filename=filename)), Accepted)


@pytest.mark.parametrize(
    "template",
    [
        Template("warm_1"),
        Template("warm_1", language="ms", parameters=["Aina", "EXAMA"], header="Aina"),
        Template("warm_1", header=Media("image", "https://shop.example.com/a.jpg"), buttons=["aina"]),
    ],
)
def test_a_template_is_what_meta_asks_for(relay: Endpoint, template: Template) -> None:
    assert isinstance(send(relay, "", template=template), Accepted)


def test_the_missions_flow_is_valid_by_the_contract(relay: Endpoint, url: str) -> None:
    with hooked_shop(url, relay.url.removesuffix("/hook")) as shop:
        written = {"id": "wamid.in", "from": PHONE, "timestamp": shop.stamp, "type": "text"}
        contacts = [{"wa_id": PHONE, "profile": {"name": "Aina"}}]
        shop.post({"contacts": contacts, "messages": [written | {"text": {"body": "WARMEXAMA"}}]})
        shop.drip.tick()
        for step in range(4):
            record = shop.drip.records(phone=PHONE)[step]
            attempt = shop.drip.leads.timelines(phone=PHONE)[0].attempts[step]
            told = {"id": attempt.provider_id, "status": "delivered", "timestamp": shop.stamp, "recipient_id": PHONE}
            shop.post({"statuses": [told | {BEYOND: str(record.id)}]})
            shop.pass_half_a_day()

        # Prism gives every message the id of Meta's example, and each record has its own receipt all the same.
        assert (shop.statuses, shop.deliveries) == (["completed"] * 4, ["delivered"] * 4)
    assert [json.loads(body)["type"] for _, body in relay.requests] == ["text", "text", "template", "template"]


def test_a_request_that_breaks_the_contract_is_found(meta: str) -> None:
    answer = httpx.post(
        f"{meta}/v23.0/106540352242922/messages",
        json={"messaging_product": "whatsapp", "type": "text"},
        headers={"authorization": "Bearer token"},
    )

    assert answer.status_code == 422
