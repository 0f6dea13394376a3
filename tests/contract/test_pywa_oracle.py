"""pywa, a library of other people's hands, builds the same messages for WhatsApp as we do, but for what is known.

It sends over a transport that keeps what it is given, and we to a server on loopback: what is held against each other
is what would have gone to Meta.
"""

import asyncio
import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from dripline import Accepted, Lead, Media, Message, Template
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from support.endpoint import serving

# As they come: what a test asks of them has no types that a checker would know.
PYWA: Any = importlib.import_module("pywa")
PARTS: Any = importlib.import_module("pywa.types.templates")

NUMBER, TOKEN, TO, RECORD = "106540352242922", "token", "60123456789", 7_000_000_000_001
ANSWER = json.dumps({"contacts": [{"input": TO, "wa_id": TO}], "messages": [{"id": "wamid.1"}]}).encode()

Body = dict[str, Any]
Asked = tuple[str, str | None, Body]
"""A request: its path, its authorization, and what it says."""


def ours(**content: Any) -> Asked:  # noqa: ANN401  (any of a message's own)
    written: Body = {"text": "", **content}
    message = Message(TO, record_id=RECORD, attempt=1, lead=Lead(1, phone=TO), sequence="Warm", step=1, **written)
    with serving() as meta:
        meta.body = ANSWER
        base = meta.url.removesuffix("/hook")
        channel = WhatsAppCloudChannel(
            TOKEN, phone_number_id=NUMBER, base_url=base, now=lambda: datetime(2026, 1, 1, tzinfo=UTC)
        )

        async def once() -> None:
            try:
                assert isinstance(await channel.send(message), Accepted)
            finally:
                await channel.aclose()

        asyncio.run(once())
        headers, body = meta.requests[0]
        return meta.paths[0], headers.get("authorization"), json.loads(body)


def theirs(send: Callable[[Any], object]) -> Asked:
    """What pywa sends, as we would write what it is known to write otherwise."""
    requests: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, content=ANSWER)

    with httpx.Client(transport=httpx.MockTransport(keep)) as session:
        send(PYWA.WhatsApp(phone_id=NUMBER, token=TOKEN, session=session, api_version="23.0"))
    (request,) = requests
    return request.url.path, request.headers.get("authorization"), without_what_is_known(json.loads(request.content))


def without_what_is_known(body: Body) -> Body:
    """Return what pywa wrote without the differences that we know of; each has to be there, or is none any more."""
    if body["type"] == "text":
        # Meta's own default.
        assert body["text"].pop("preview_url") is False
    if body["type"] == "template":
        # Meta's specification asks for it, and its API does without.
        assert "policy" not in body["template"]["language"]
        body["template"]["language"]["policy"] = "deterministic"
        for component in body["template"]["components"]:
            # Meta takes both cases, and numbers for texts.
            component["type"] = component["type"].lower()
            if component["type"] == "button":
                component |= {"sub_type": component["sub_type"].lower(), "index": str(component["index"])}
    return body


@pytest.mark.parametrize("text", ["Hi", "Hi 😊 ключ\n\nsee https://example.com", " x\t\u200d\u2028y ", "x" * 4_096])
def test_a_text_is_what_pywa_makes_of_it(text: str) -> None:
    assert ours(text=text) == theirs(lambda wa: wa.send_message(to=TO, text=text, tracker=str(RECORD)))


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_a_medium_under_a_text_is_what_pywa_makes_of_it(kind: str) -> None:
    url, name = f"https://example.com/a.{kind}", {"filename": "a.pdf"} if kind == "document" else {}
    medium = Media(kind, url, **name)

    assert ours(text="Look 😊", media=medium) == theirs(
        lambda wa: getattr(wa, f"send_{kind}")(to=TO, caption="Look 😊", tracker=str(RECORD), **{kind: url}, **name)
    )


@pytest.mark.parametrize("header", [None, "Hi", "image", "video", "document"])
@pytest.mark.parametrize("parameters", [(), ("Aina",), ("Aïna 😊", "EXAMA")])
@pytest.mark.parametrize("buttons", [(), ("abc",), ("abc", "def?x=1")])
def test_a_template_is_what_pywa_makes_of_it(
    header: str | None, parameters: tuple[str, ...], buttons: tuple[str, ...]
) -> None:
    # Without a name pywa gives a document in a header one of its own making.
    name = {"filename": "a.pdf"} if header == "document" else {}
    top = header if header in {None, "Hi"} else Media(str(header), "https://example.com/a", **name)
    template = Template("warm_1", language="ms", parameters=parameters, header=top, buttons=buttons)
    heads = {
        "Hi": lambda: PARTS.HeaderText.params("Hi"),
        "image": lambda: PARTS.HeaderImage.params(image="https://example.com/a"),
        "video": lambda: PARTS.HeaderVideo.params(video="https://example.com/a"),
        "document": lambda: PARTS.HeaderDocument.params(document="https://example.com/a", **name),
    }
    filled = [
        *([] if header is None else [heads[header]()]),
        *([PARTS.BodyText.params(*parameters)] if parameters else []),
        *(PARTS.URLButton.params(index=place, url_variable=end) for place, end in enumerate(buttons)),
    ]

    assert ours(text="Hi", template=template) == theirs(
        lambda wa: wa.send_template(
            to=TO, name="warm_1", language=PARTS.TemplateLanguage("ms"), params=filled, tracker=str(RECORD)
        )
    )
