"""A channel that does everything right, and its provider: each bad one differs from it in one thing."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from collections.abc import Sequence as Listing
from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from dripline import (
    Accepted,
    Capabilities,
    Channel,
    Message,
    Outcome,
    PlainChannel,
    ProviderEvent,
    Rejected,
    Reply,
    RetryLater,
    Unknown,
)
from dripline.channels.http.client import Connections, HttpResponse
from dripline.channels.http.foreign_json import as_objects, read_json
from dripline.conformance import HttpProvider, Posted

WORD = "a-word-of-" + "ours"
TOKEN = "token-" + "0123456789abcdef"
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Good(PlainChannel):
    """One that breaks none."""

    capabilities: Any = Capabilities(sends_at_once=4, text_limit=1_000)

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url
        self.timeout = timeout
        self.connections = Connections("the provider", timeout=timeout)

    @override
    async def send(self, message: Message) -> Outcome:
        limit = self.capabilities.text_limit
        if limit and len(message.text) > limit:
            return Rejected("the text is too long")
        answer = await self.post(message)
        return self.read(answer) if isinstance(answer, HttpResponse) else answer

    async def post(self, message: Message) -> HttpResponse | RetryLater | Unknown:
        told = json.dumps({"to": message.to, "text": message.text})
        return await self.connections.post(self.url, content=told, headers={"authorization": TOKEN})

    def read(self, answer: HttpResponse) -> Outcome:
        if answer.is_success or answer.is_server_error:
            known = answer.json.get("id")
            return Accepted(str(known)) if known else Unknown("no id")
        return RetryLater("busy", scope="sender") if answer.status == 429 else Rejected(f"refused ({answer.status})")

    @override
    async def aclose(self) -> None:
        await self.connections.aclose()

    # What is posted to it.

    def challenge(self, query: Mapping[str, str]) -> str | None:
        return query.get("challenge") if query.get("word") == WORD else None

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return hmac.compare_digest(headers.get("x-proof", "").encode(), proof(body).encode())

    def events(self, body: bytes) -> Listing[ProviderEvent]:
        return [reply(one["id"]) for one in as_objects(read_json(body)) if one.get("id")]


def proof(body: bytes) -> str:
    return hmac.new(WORD.encode(), body, hashlib.sha256).hexdigest()


def reply(key: object, at: datetime = AT) -> Reply:
    return Reply(f"m{key}", account="1", phone="60123456789", text="Hi", at=at)


class Anybody(HttpProvider):
    """A provider of channels of one class."""

    secrets = (TOKEN,)

    def __init__(self, of: type[Good]) -> None:
        super().__init__()
        self.of = of

    @override
    def channel(self, timeout: float) -> Channel:
        return self.of(self.url, timeout)

    @override
    def accepted(self, number: int) -> HttpResponse:
        return HttpResponse(200, headers={}, body=b'{"id": "m%d"}' % number)

    @override
    def posted(self) -> Listing[Posted]:
        bodies = (b'[{"id": 1}, {"id": 2}]', b'[{"id": 3}]')
        return [Posted({"x-proof": proof(body), "content-type": "application/json"}, body) for body in bodies]
