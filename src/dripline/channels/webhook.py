"""A signed HTTP POST to an endpoint of yours, after the Standard Webhooks specification.

``webhook-id`` is the record id, the same on every try: the receiver drops what it has seen, so that a message whose
answer got lost may be sent again.
"""

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
from standardwebhooks.webhooks import Webhook

from dripline.core.address import AddressKind
from dripline.core.model import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, SenderUnavailable, Unknown
from dripline.errors import InvalidSettings

CONNECTIONS = 10
"""Connections at once. (Measured: pools of ten are 3.5 times as fast as one of 150, at a tenth of the CPU.)"""

TIMEOUT = 20.0
"""How long an answer may take, in seconds; Standard Webhooks asks for 15 to 30."""

LONGEST_RETRY_AFTER = timedelta(days=1)
"""The longest wait that an endpoint may ask for."""

ANSWER_LIMIT = 4_096
"""How much of an answer is read, in bytes."""

_ENDPOINT_IS_WRONG = frozenset({401, 403, 404, 410})
_TOO_MANY = 429
_SECRET_PREFIX = "whsec_"  # noqa: S105  (what every secret begins with)
_SECRET_BYTES = range(24, 65)
_NOTHING_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class WebhookChannel:
    """Posts each message to `url`, signed with `secret`. `now` tells the time for the signature.

    Raises:
        InvalidSettings: The URL or the secret cannot be used; the sentence never holds either.
    """

    address_kind = AddressKind.ANY
    idempotent = True
    sends_at_once = CONNECTIONS

    def __init__(self, url: str, secret: str, *, now: Callable[[], datetime], timeout: float = TIMEOUT) -> None:
        self._url = _checked(url)
        self._webhook = _signer(secret)
        self._now = now
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, message: Message) -> Outcome:
        """Post one message and say what became of it."""
        client = self._on_this_loop()
        body = json.dumps(_body(message), ensure_ascii=False)
        # Waiting for a connection is waiting here, where it cannot time out half-way.
        async with self._slots:
            try:
                async with client.stream(
                    "POST", self._url, content=body, headers=self._headers(message, body)
                ) as answer:
                    await _read_a_little(answer)
                    return self._outcome(answer, message)
            except _NOTHING_LEFT as error:
                return RetryLater(f"the endpoint cannot be reached ({type(error).__name__})", scope=Scope.SENDER)
            except httpx.HTTPError as error:
                return Unknown(f"the endpoint did not answer ({type(error).__name__})")

    async def aclose(self) -> None:
        """Close every kept connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _on_this_loop(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or loop is not self._loop:
            self._loop, self._slots = loop, asyncio.Semaphore(CONNECTIONS)
            limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
            self._client = httpx.AsyncClient(
                timeout=self._timeout, limits=limits, follow_redirects=False, trust_env=False
            )
        return self._client

    def _headers(self, message: Message, body: str) -> dict[str, str]:
        now, record_id = self._now(), str(message.record_id)
        return {
            "content-type": "application/json; charset=utf-8",
            "webhook-id": record_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(record_id, now, body),
        }

    def _outcome(self, answer: httpx.Response, message: Message) -> Outcome:
        told = f"the endpoint answered {answer.status_code}"
        if answer.is_success:
            return Accepted(f"{message.record_id}:{answer.status_code}")
        if answer.is_redirect or answer.status_code in _ENDPOINT_IS_WRONG:
            return SenderUnavailable(f"{told}: correct the webhook's URL or secret")
        if answer.is_server_error or answer.status_code == _TOO_MANY:
            return RetryLater(told, after=self._retry_after(answer), scope=Scope.SENDER)
        return Rejected(told)

    def _retry_after(self, answer: httpx.Response) -> timedelta | None:
        """Read ``Retry-After`` (RFC 9110 §10.2.3): seconds, or a date; anything else is as if it were not there."""
        written = answer.headers.get("retry-after", "").strip()
        if written.isascii() and written.isdecimal():
            wait = timedelta(seconds=min(int(written[:9]), LONGEST_RETRY_AFTER.total_seconds()))
        else:
            try:
                wait = parsedate_to_datetime(written) - self._now()
            except (ValueError, TypeError):
                return None
        return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and not parts.username
        httpx.URL(url.strip())
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise InvalidSettings("The webhook URL cannot be used: write https://host/path, without a login in it.")
    return url.strip()


def _signer(secret: str) -> Webhook:
    encoded = secret.strip().removeprefix(_SECRET_PREFIX)
    try:
        usable = secret.strip().startswith(_SECRET_PREFIX) and len(b64decode(encoded, validate=True)) in _SECRET_BYTES
    except ValueError:
        usable = False
    if not usable:
        raise InvalidSettings(
            "The webhook secret cannot be used: it is whsec_ and 24 to 64 bytes in base64, as Standard Webhooks has it."
        )
    return Webhook(secret.strip())


def _body(message: Message) -> dict[str, object]:
    lead = message.lead
    return {
        "record_id": message.record_id,
        "attempt": message.attempt,
        "to": message.to,
        "text": message.text,
        "subject": message.subject,
        "sequence": message.sequence,
        "step": message.step,
        "lead": {
            "name": lead.name,
            "phone": lead.phone,
            "email": lead.email,
            "attributes": dict(lead.attributes),
        },
    }


async def _read_a_little(answer: httpx.Response) -> None:
    """Read an answer to its end if it is short, so that the connection can be kept; a long one is cut off."""
    read = 0
    async for chunk in answer.aiter_raw():
        read += len(chunk)
        if read > ANSWER_LIMIT:
            return
