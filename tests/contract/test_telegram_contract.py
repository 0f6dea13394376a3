"""What is sent to Telegram has the fields, and the types, that its Bot API asks for."""

import asyncio
import json
from typing import Any

import pytest

from dripline import Accepted, Lead, Media, Message, Outcome
from dripline.channels.telegram.channel import TelegramChannel
from support.endpoint import serving
from support.prism import SPECS

SPEC = SPECS / "telegram-bot-api-10.1-subset.json"
TYPES = {"Integer": int, "String": str}


def fields(method: str) -> dict[str, dict[str, Any]]:
    if not SPEC.is_file():
        pytest.skip(f"the specification {SPEC.name} is not beside this checkout")
    return {field["name"]: field for field in json.loads(SPEC.read_text())["methods"][method]["fields"]}


@pytest.mark.parametrize(
    ("method", "media"),
    [
        ("sendMessage", None),
        ("sendPhoto", Media("image", "https://x.example/a.jpg")),
        ("sendVideo", Media("video", "https://x.example/a.mp4")),
        ("sendDocument", Media("document", "https://x.example/a.pdf")),
    ],
)
def test_a_message_is_what_telegram_asks_for(method: str, media: Media | None) -> None:
    known = fields(method)
    lead = Lead(1, phone="60123456789")
    message = Message("424242", text="Hi", media=media, record_id=7, attempt=1, lead=lead, sequence="Warm", step=1)
    with serving() as endpoint:
        endpoint.body = b'{"ok": true, "result": {"message_id": 17}}'
        channel = TelegramChannel("1:" + "a" * 35, base_url=endpoint.url.removesuffix("/hook"))

        async def once() -> Outcome:
            try:
                return await channel.send(message)
            finally:
                await channel.aclose()

        assert asyncio.run(once()) == Accepted("424242:17")
        sent = json.loads(endpoint.requests[0][1])
        assert endpoint.paths[0].endswith(f"/{method}")

    assert {name for name, field in known.items() if field["required"]} <= sent.keys() <= known.keys()
    assert [
        name for name, value in sent.items() if type(value) not in {TYPES.get(kind) for kind in known[name]["types"]}
    ] == []
