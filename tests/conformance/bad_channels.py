"""Small channels, each of which breaks one rule of the contract, and the provider that they speak to."""

import asyncio
import hmac
import itertools
import json
import logging
import socket
from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from good_channel import AT, TOKEN, Anybody, Good, proof, reply
from typing_extensions import override

from dripline import (
    Accepted,
    Capabilities,
    MediaKind,
    Message,
    Outcome,
    ProviderEvent,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Unknown,
)
from dripline.channels.http.client import HttpResponse
from dripline.conformance import Behaviour, Posted

# What it answers.


class RaisesOverARefusal(Good):
    @override
    def read(self, answer: HttpResponse) -> Outcome:
        if answer.status == 400:
            raise ConnectionError("refused")
        return super().read(answer)


class KeepsNoId(Good):
    @override
    def read(self, answer: HttpResponse) -> Outcome:
        outcome = super().read(answer)
        return Accepted("") if isinstance(outcome, Accepted) else outcome


class MakesUpAnId(Good):
    @override
    def read(self, answer: HttpResponse) -> Outcome:
        outcome = super().read(answer)
        return Accepted("taken") if isinstance(outcome, Accepted) else outcome


class AnswersInWords(Good):
    @override
    def read(self, answer: HttpResponse) -> Outcome:
        words: Any = "ok"
        return words


class TakesARefusalForNothing(Good):
    @override
    def read(self, answer: HttpResponse) -> Outcome:
        outcome = super().read(answer)
        return Unknown("refused") if isinstance(outcome, Rejected) else outcome


class BlamesTheMessage(Good):
    """A provider that is busy refuses no message."""

    @override
    def read(self, answer: HttpResponse) -> Outcome:
        outcome = super().read(answer)
        return Rejected("busy") if isinstance(outcome, RetryLater) else outcome


class HopesForTheBest(Good):
    @override
    async def send(self, message: Message) -> Outcome:
        outcome = await super().send(message)
        return Accepted(f"{message.record_id}") if isinstance(outcome, Unknown) else outcome


class SendsUnknownsAgain(Good):
    """Its receiver drops no second copy."""

    @override
    async def send(self, message: Message) -> Outcome:
        outcome = await super().send(message)
        return RetryLater("no answer") if isinstance(outcome, Unknown) else outcome


class FearsTheWorst(Good):
    @override
    async def send(self, message: Message) -> Outcome:
        outcome = await super().send(message)
        return Unknown("away") if isinstance(outcome, RetryLater) else outcome


class UsesUpTries(Good):
    """While the provider is away, each message comes nearer to its last try."""

    @override
    async def send(self, message: Message) -> Outcome:
        outcome = await super().send(message)
        return RetryLater("away") if isinstance(outcome, RetryLater) else outcome


class TriesAgainByItself(Good):
    @override
    async def send(self, message: Message) -> Outcome:
        outcome = await super().send(message)
        return outcome if isinstance(outcome, Accepted) else await super().send(message)


class SendsALongText(Good):
    capabilities = Capabilities(sends_at_once=4, text_limit=10_000)

    @override
    async def send(self, message: Message) -> Outcome:
        answer = await self.post(message)
        if len(message.text) > 10_000:
            return Rejected("the text was too long")
        return self.read(answer) if isinstance(answer, HttpResponse) else answer


class TellsItsToken(Good):
    @override
    def read(self, answer: HttpResponse) -> Outcome:
        return Rejected(answer.body.decode()) if answer.status == 400 else super().read(answer)


class LogsItsToken(Good):
    @override
    async def send(self, message: Message) -> Outcome:
        logging.getLogger("mine").debug("sending with %s", TOKEN)
        return await super().send(message)


class ShowsItsToken(Good):
    @override
    def __repr__(self) -> str:
        return f"Channel({self.url!r}, {TOKEN!r})"


# What it leaves behind.


class IsOfOneLoop(Good):
    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(url, timeout)
        self.client = httpx.AsyncClient(timeout=timeout, trust_env=False)

    @override
    async def post(self, message: Message) -> HttpResponse | RetryLater | Unknown:
        try:
            answer = await self.client.post(self.url, content=message.text)
        except httpx.ConnectError:
            return RetryLater("away", scope="sender")
        except httpx.HTTPError:
            return Unknown("no answer")
        return HttpResponse(answer.status_code, headers=answer.headers, body=answer.content)

    @override
    async def aclose(self) -> None:
        await self.client.aclose()


class GoesOnWhenItIsGivenUp(Good):
    @override
    async def send(self, message: Message) -> Outcome:
        try:
            return await super().send(message)
        except asyncio.CancelledError:
            return Unknown("given up")


class KeepsItsPlace(Good):
    """A place is given back after an answer, and only then."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(url, timeout)
        self.places = 4

    @override
    async def send(self, message: Message) -> Outcome:
        if self.places == 0:
            return SenderUnavailable("no place is left")
        self.places -= 1
        outcome = await super().send(message)
        self.places += 1
        return outcome


class LeavesATask(Good):
    tasks: list[asyncio.Task[object]]

    @override
    async def send(self, message: Message) -> Outcome:
        self.tasks = [asyncio.ensure_future(asyncio.Event().wait())]
        return await super().send(message)


class LeavesAConnection(Good):
    left: list[socket.socket]

    @override
    async def send(self, message: Message) -> Outcome:
        at = urlsplit(self.url)
        self.left.append(socket.create_connection((at.hostname or "", at.port or 0)))
        return await super().send(message)


class BlocksTheLoop(Good):
    capabilities = Capabilities(sends_at_once=2)

    @override
    async def post(self, message: Message) -> HttpResponse | RetryLater | Unknown:
        try:
            with httpx.Client(timeout=min(self.timeout, 0.5), trust_env=False) as client:
                answer = client.post(self.url, content=message.text)  # noqa: ASYNC212  (what it does wrong)
        except httpx.ConnectError:
            return RetryLater("away", scope="sender")
        except httpx.HTTPError:
            return Unknown("no answer")
        return HttpResponse(answer.status_code, headers=answer.headers, body=answer.content)


# What it says of itself.


class SpeaksToFaxes(Good):
    address_kind = "fax"


class SendsNoneAtOnce(Good):
    sends_at_once = 0


class IsPerhapsIdempotent(Good):
    idempotent: Any = "yes"


class HasALongWindow(Good):
    window: Any = 24


class HasALimitInWords(Good):
    text_limit: Any = "long"


class ShowsSmells(Good):
    media = frozenset({"image", "smell"})


class HasAWindow(Good):
    capabilities = replace(Good.capabilities, media=frozenset({MediaKind.IMAGE}), window=timedelta(hours=24))


class SaysNothingToUs(Good):
    capabilities: Any = ("sends_at_once", 4)


class ClosesAtOnce(Good):
    aclose: Any = print


# What is posted to it.


class BelievesAnybody(Good):
    @override
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return "x-proof" in headers


class BelievesAWord(Good):
    """The proof is of another body."""

    @override
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return headers.get("x-proof") in {proof(posted) for posted in (b'[{"id": 1}, {"id": 2}]', b'[{"id": 3}]')}


class StumblesOverAProof(Good):
    @override
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return hmac.compare_digest(headers.get("x-proof", ""), proof(body))


class BelievesNobody(Good):
    @override
    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False


class AnswersAnyChallenge(Good):
    @override
    def challenge(self, query: Mapping[str, str]) -> str | None:
        return query.get("challenge", "")


class ReadsByTheClock(Good):
    ticks = itertools.count()

    @override
    def events(self, body: bytes) -> Listing[ProviderEvent]:
        return [reply(event.key, AT + timedelta(seconds=next(self.ticks))) for event in super().events(body)]


class HasOneKey(Good):
    @override
    def events(self, body: bytes) -> Listing[ProviderEvent]:
        return [reply(1) for _ in super().events(body)]


class KnowsNoZone(Good):
    @override
    def events(self, body: bytes) -> Listing[ProviderEvent]:
        return [reply(event.key, AT.replace(tzinfo=None)) for event in super().events(body)]


class StumblesOverABody(Good):
    @override
    def events(self, body: bytes) -> Listing[ProviderEvent]:
        return [reply(one["id"]) for one in json.loads(body.decode()[:10_000])]


class TakesNothingIn(Good):
    capabilities = replace(Good.capabilities, receives_events=False)
    events: Any = None


class Silent(Anybody):
    """A provider whose channel says that it takes something in, of which nobody says what."""

    plays = frozenset({Behaviour.ACCEPT})

    @override
    def posted(self) -> Listing[Posted]:
        return ()
