"""HTTP as every provider's adapter needs it: a few kept connections, and what it means when an exchange breaks off.

The HTTP library is imported by whoever makes a connection: a channel may be one module, with its settings, which every
command reads.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from typing_extensions import override

from dripline.channels.http.foreign_json import Object, answered
from dripline.core.outcome import RetryLater, Scope, Unknown
from dripline.errors import InvalidSettings

if TYPE_CHECKING:
    import httpx

CONNECTIONS = 10
"""Connections at once. (Measured: pools of ten are 3.5 times as fast as one of 150, at a tenth of the CPU.)"""

TIMEOUT = 20.0
"""How long an answer may take, in seconds; below the engine's own limit, so that the phase it fell in is known."""

AT_ONCE = 2.0
"""How soon a server must have answered, in seconds, for its failure to have come before the message."""

_BETWEEN = frozenset({502, 504})

LONGEST_RETRY_AFTER = timedelta(days=1)
"""The longest wait that a provider may ask for."""

ANSWER_LIMIT = 65_536
"""How much of an answer is read, in bytes."""

TOO_MANY = 429
"""The status of a provider that wants to be asked less often."""


class ConnectionBlocked(Exception):
    """A connection that was not made, for a reason of our own, which it says."""


_LOGS = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))
"""Where the HTTP library logs what it asks and is answered."""

_is_ours: ContextVar[bool] = ContextVar("is_ours", default=False)


class _LeavesOutOurs(logging.Filter):
    """Lets the HTTP library log nothing of our exchanges: addresses and headers hold secrets. A host's own are told."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return not _is_ours.get()


_leaves_out_ours = _LeavesOutOurs()


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a provider answered: an HTTP status, headers by their lower-case names, and the beginning of the body.

    `seconds`: how long it took to answer.
    """

    status: int
    headers: Mapping[str, str] = field(kw_only=True)
    body: bytes = field(kw_only=True)
    seconds: float = field(default=0.0, kw_only=True)

    @property
    def json(self) -> Object:
        """The object that it says, or an empty one: nothing of its shape is to be trusted."""
        return answered(self.body)

    @property
    def is_success(self) -> bool:
        """Whether the status says that it went right (2xx)."""
        return 200 <= self.status < 300  # noqa: PLR2004  (RFC 9110 §15)

    @property
    def is_redirect(self) -> bool:
        """Whether it points elsewhere (3xx); that is never followed."""
        return 300 <= self.status < 400  # noqa: PLR2004

    @property
    def is_server_error(self) -> bool:
        """Whether the server says that the failure is its own (5xx)."""
        return self.status >= 500  # noqa: PLR2004


def form_of(fields: Mapping[str, str]) -> tuple[bytes, str]:
    """Return fields as a multipart form, and the content type that says where its parts end."""
    import httpx

    asked = httpx.Request("POST", "http://form", files=[(name, (None, text)) for name, text in fields.items()])
    return asked.read(), asked.headers["content-type"]


class Connections:
    """A few kept connections to one provider, called `who` in errors; those of an ended event loop are forgotten.

    `timeout`: how long an answer may take, in seconds; `limit`: how much of it is read, in bytes; `transport` makes
    what connects, where that is not the library's own.
    """

    def __init__(
        self,
        who: str,
        *,
        timeout: float = TIMEOUT,
        limit: int = ANSWER_LIMIT,
        transport: "Callable[[], httpx.AsyncBaseTransport | None]" = lambda: None,
    ) -> None:
        self._who = who
        self._transport = transport
        self._limit = limit
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._loop: asyncio.AbstractEventLoop | None = None
        for name in _LOGS:
            logging.getLogger(name).addFilter(_leaves_out_ours)

    async def post(
        self, url: str, *, content: str | bytes, headers: Mapping[str, str]
    ) -> HttpResponse | RetryLater | Unknown:
        """Post a body, and return the answer, or what it means that there is none."""
        return await self._exchange("POST", url, content, headers)

    async def get(self, url: str, *, headers: Mapping[str, str]) -> HttpResponse | RetryLater | Unknown:
        """Ask for something, and return the answer, or what it means that there is none."""
        return await self._exchange("GET", url, None, headers)

    async def _exchange(
        self, method: str, url: str, content: str | bytes | None, headers: Mapping[str, str]
    ) -> HttpResponse | RetryLater | Unknown:
        import httpx

        client = self._on_this_loop()
        # Waiting for a connection is waiting here, where it cannot time out half-way.
        async with self._slots:
            ours, asked_at = _is_ours.set(True), asyncio.get_running_loop().time()
            try:
                async with client.stream(method, url, content=content, headers=dict(headers)) as answer:
                    body = await _beginning(answer, self._limit)
                    took = asyncio.get_running_loop().time() - asked_at
                    return HttpResponse(answer.status_code, headers=answer.headers, body=body, seconds=took)
            except ConnectionBlocked as error:
                return RetryLater(f"{self._who} was not posted to: {error}", scope=Scope.SENDER)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
                return RetryLater(f"{self._who} cannot be reached ({type(error).__name__})", scope=Scope.SENDER)
            except httpx.HTTPError as error:
                return Unknown(f"{self._who} did not answer ({type(error).__name__})")
            finally:
                _is_ours.reset(ours)

    async def aclose(self) -> None:
        """Close every kept connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _on_this_loop(self) -> "httpx.AsyncClient":
        import httpx

        loop = asyncio.get_running_loop()
        if self._client is None or loop is not self._loop:
            self._loop, self._slots = loop, asyncio.Semaphore(CONNECTIONS)
            limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
            self._client = httpx.AsyncClient(
                timeout=self._timeout,
                limits=limits,
                # As it is: what is packed small could be anything unpacked.
                headers={"accept-encoding": "identity"},
                follow_redirects=False,
                trust_env=False,
                transport=self._transport(),
            )
        return self._client


def checked_url(url: str, what: str) -> str:
    """Return a URL that can be posted to, blank space around it dropped; `what` names it.

    Raises:
        InvalidSettings: It cannot be used; the sentence does not hold it, since it may hold a secret.
    """
    import httpx

    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and not parts.username
        httpx.URL(url.strip())
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise InvalidSettings(f"The {what} URL cannot be used: write https://host/path, without a login in it.")
    return url.strip()


def retry_after(answer: HttpResponse, now: datetime) -> timedelta | None:
    """Read ``Retry-After`` (RFC 9110 §10.2.3): seconds, or a date; anything else is as if it were not there."""
    written = answer.headers.get("retry-after", "").strip()
    if written.isascii() and written.isdecimal():
        wait = timedelta(seconds=min(int(written[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    else:
        try:
            wait = parsedate_to_datetime(written) - now
        except (ValueError, TypeError):
            return None
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def server_error(answer: HttpResponse, text: str, now: datetime | None = None) -> RetryLater | Unknown:
    """Say what a status of 500 or more means for a message, where its body has no code that says so.

    An answer that comes at once and holds nothing is from a server that fell over before it took anything: the message
    is tried again. Whatever took its time, says something, or comes from a gateway in between (502, 504) may have been
    taken behind it.
    """
    is_empty = not answer.body.strip() and answer.seconds <= AT_ONCE and answer.status not in _BETWEEN
    if not is_empty:
        return Unknown(text)
    return RetryLater(text, after=None if now is None else retry_after(answer, now))


async def _beginning(answer: "httpx.Response", limit: int) -> bytes:
    """Read an answer to its end if it is short, so that the connection can be kept; a long one is cut off."""
    read = bytearray()
    async for chunk in answer.aiter_raw():
        read += chunk
        if len(read) > limit:
            break
    return bytes(read[:limit])
