"""How this server is seen from outside: by which address, and through which proxies.

A proxy tells whom it speaks for in `X-Forwarded-For` and `X-Forwarded-Proto`. Anybody can write those, so that they
count from a proxy that is named in the settings, and from nobody else: without one, every client has the proxy's
address.
"""

import ipaddress
import logging
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from dripline.errors import InvalidSettings

PROXIES_MOST = 100
"""How many addresses and networks of proxies may be named."""

_TOLD = (b"x-forwarded-for", b"x-forwarded-proto", b"forwarded")

_log = logging.getLogger("dripline.web")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Outside:
    """Where people and programs reach this server, if that is known, and the proxies that are believed."""

    url: str | None = None
    proxies: tuple[Network, ...] = field(default=(), kw_only=True)

    @classmethod
    def of(cls, url: str | None, proxies: str) -> Self:
        """Read both as settings write them; proxies are addresses or networks, divided by commas or blanks.

        Raises:
            InvalidSettings: One of them cannot be used.
        """
        named = proxies.replace(",", " ").split()
        if len(named) > PROXIES_MOST:
            raise InvalidSettings(f"More than {PROXIES_MOST} trusted proxies are named: name their networks.")
        return cls(None if url is None else _checked(url), proxies=tuple(map(_network, named)))

    def trusts(self, host: str | None) -> bool:
        """Return whether an address is that of a proxy that is believed."""
        try:
            address = ipaddress.ip_address(host or "")
        except ValueError:
            return False
        return any(address in network for network in self.proxies)


NOWHERE = Outside()
"""Where no address is known, and no proxy."""


def base_of(request: Request) -> str:
    """Return the address before every path, with a slash at its end: as it is set, else as whoever asks has it."""
    outside = _outside(request)
    return f"{outside.url}/" if outside.url is not None else str(request.base_url)


def is_secure(request: Request) -> bool:
    """Return whether whoever asks does so over HTTPS, so that cookies are for that alone."""
    return request.url.scheme == "https" or base_of(request).startswith("https:")


def is_ours(request: Request, origin: str) -> bool:
    """Return whether a page of this server has an origin."""
    host = origin.partition("://")[2]
    url = _outside(request).url
    return host == request.headers.get("host") or origin == url


class Forwarded:
    """Believes what a trusted proxy tells of its clients, and says once where another one tells something."""

    def __init__(self, app: ASGIApp, outside: Outside) -> None:
        self._app, self._outside, self._has_said = app, outside, False
        self._believing = ProxyHeadersMiddleware(app, [str(network) for network in outside.proxies])  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        if scope["type"] == "http":
            peer = scope["client"][0] if scope.get("client") else None
            if self._outside.trusts(peer):
                await self._believing(scope, receive, send)  # type: ignore[arg-type]
                return
            if not self._has_said and any(name in _TOLD for name, _ in scope["headers"]):
                self._has_said = True
                _log.warning(
                    "web.proxy_not_trusted peer=%s what it tells of its clients is not believed: if it is your proxy, "
                    "name it in DRIPLINE_WEB_TRUSTED_PROXIES",
                    peer,
                )
        await self._app(scope, receive, send)


def _outside(request: Request) -> Outside:
    return request.app.state.outside


def _checked(url: str) -> str:
    written = url.strip().rstrip("/")
    try:
        parts = urlsplit(written)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable, parts = False, urlsplit("")
    if not is_usable or "@" in parts.netloc or written != f"{parts.scheme}://{parts.netloc}" or not written.isascii():
        raise InvalidSettings(
            "DRIPLINE_WEB_URL cannot be used: write where people reach the dashboard, as https://drip.example.com, "
            "without a path."
        )
    return written.lower()


def _network(written: str) -> Network:
    try:
        return ipaddress.ip_network(written)
    except ValueError:
        raise InvalidSettings(
            f"DRIPLINE_WEB_TRUSTED_PROXIES cannot be used: {written[:60]!r} is neither an address nor a network. Write "
            "those of your proxies, as 10.0.0.5 or 10.0.0.0/24."
        ) from None
