"""How this server is seen from outside: by which address, and through which proxies.

A proxy tells whom it speaks for in `X-Forwarded-For` and `X-Forwarded-Proto`. Anybody can write those, so that they
count from a proxy that is named in the settings, and from nobody else: without one, every client has the proxy's
address.
"""

import logging

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from dripline.web.security.outside import Outside

_HEADERS = (b"x-forwarded-for", b"x-forwarded-proto", b"forwarded")

_log = logging.getLogger("dripline.web")


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
            if not self._has_said and any(name in _HEADERS for name, _ in scope["headers"]):
                self._has_said = True
                _log.warning(
                    "web.proxy_not_trusted peer=%s what it tells of its clients is not believed: if it is your proxy, "
                    "name it in DRIPLINE_WEB_TRUSTED_PROXIES",
                    peer,
                )
        await self._app(scope, receive, send)


def _outside(request: Request) -> Outside:
    return request.app.state.outside
