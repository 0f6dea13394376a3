"""HTTP to a URL that a person wrote, which must not lead into the network that dripline runs in.

A name is resolved at every request, every address that it leads to must be public, and the connection is made to one
of these very addresses: a name that leads elsewhere a moment later gets nothing. It stays in ``Host`` and in TLS.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Sequence as Listing
from functools import cache
from ssl import SSLContext

import httpx
from typing_extensions import override

from dripline.channels.http.client import ConnectionBlocked, Connections, HttpResponse
from dripline.core.events.target import UNREADABLE, checked_target, is_public
from dripline.core.outcome import RetryLater, Unknown
from dripline.errors import InvalidSubscription

Resolve = Callable[[str, int], Awaitable[Listing[str]]]
"""Returns the addresses that a name leads to, the preferred first.

Raises:
    OSError: It leads nowhere.
"""

TRIED_ADDRESSES = 3
"""How many of a name's addresses are tried, one after the other."""


async def resolved(host: str, port: int) -> list[str]:
    """Return the addresses that a name leads to, as this machine resolves it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class _Blocked(ConnectionBlocked, httpx.ConnectError):
    """A connection that leads where it must not."""


@cache
def _trusted() -> SSLContext:
    """Return the authorities that are trusted: read once, which takes as long as a few posts."""
    return httpx.create_ssl_context()


class GuardedTransport(httpx.AsyncHTTPTransport):
    """Connects to public addresses only, unless `allow_private`; to those that it was given when it asked."""

    def __init__(self, *, allow_private: bool, resolve: Resolve = resolved, trusted: SSLContext | None = None) -> None:
        super().__init__(verify=trusted or _trusted())
        self._allow_private = allow_private
        self._resolve = resolve

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first of its host's addresses that takes a connection."""
        addresses = await self._addresses(request.url)
        for address in addresses[:-1]:
            try:
                return await super().handle_async_request(_sent_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await super().handle_async_request(_sent_to(addresses[-1], request))

    async def _addresses(self, url: httpx.URL) -> list[str]:
        host = url.raw_host.decode("ascii")
        try:
            found = await self._resolve(host, url.port or {"http": 80}.get(url.scheme, 443))
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise _Blocked("its name leads nowhere")
        if not self._allow_private and not all(is_public(address) for address in found):
            raise _Blocked("its name leads to an address that is not public")
        return list(found[:TRIED_ADDRESSES])


class GuardedConnections:
    """Connections to one receiver. `timeout`: how long it may take over everything, in seconds."""

    def __init__(self, *, allow_private: bool, timeout: float, resolve: Resolve = resolved) -> None:
        self._timeout = timeout
        self._connections = Connections(
            "the receiver",
            timeout=timeout,
            transport=lambda: GuardedTransport(allow_private=allow_private, resolve=resolve),
        )

    async def post(self, url: str, content: str, headers: Mapping[str, str]) -> HttpResponse | RetryLater | Unknown:
        """Post a body, and return the answer, or what it means that there is none."""
        try:
            # An answer that trickles in, and a resolver that takes its time, would outlast any limit of one phase.
            async with asyncio.timeout(self._timeout):
                return await self._connections.post(url, content=content, headers=headers)
        except TimeoutError:
            return Unknown(f"the receiver did not answer within {self._timeout:g} s")

    async def aclose(self) -> None:
        """Close every kept connection."""
        await self._connections.aclose()


def checked(url: str, *, allow_private: bool) -> str:
    """Return a URL that can be posted to, as far as that can be said without asking where its name leads.

    Raises:
        InvalidSubscription: It cannot be used; the sentence does not hold it.
    """
    target = checked_target(url, allow_private=allow_private)
    try:
        httpx.URL(target)
    except httpx.InvalidURL:
        raise InvalidSubscription(UNREADABLE) from None
    return target


def _sent_to(address: str, request: httpx.Request) -> httpx.Request:
    """Return a request as it goes to an address; its name stays in the header and in TLS."""
    host = request.url.raw_host.decode("ascii")
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )
