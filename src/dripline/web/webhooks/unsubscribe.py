"""One-click unsubscribing: ``/unsubscribe/TOKEN``, the link in every mail.

A mail program posts to it (RFC 8058). A person who opens it is asked first: what merely looks at links, as virus
scanners do, must not unsubscribe anybody.
"""

import asyncio
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dripline.app import Dripline
from dripline.core.messages.unsubscribe_links import PATH, UnsubscribeLinks
from dripline.core.reason import Reason, ReasonCode

REASON = Reason.of(ReasonCode.UNSUBSCRIBED)

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Unsubscribe</title>
<body style="font: 1.1rem/1.5 system-ui; max-width: 32rem; margin: 4rem auto; padding: 0 1rem">{}</body></html>
"""

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "referrer-policy": "no-referrer",
}


def unsubscribing(drip: Dripline, links: UnsubscribeLinks) -> Route:
    """Return the route of unsubscribe links, on an open database."""

    async def unsubscribe(request: Request) -> Response:
        address = links.address(request.path_params["token"])
        if address is None:
            return _page("<p>This link is not one of ours: open the one in your latest mail.</p>", 404)
        if request.method != "POST":
            return _page(f'<form method="post"><p>No more messages to {escape(address)}?</p>{_BUTTON}</form>')
        await asyncio.to_thread(drip.opt_out, email=address, reason=REASON)
        return _page(f"<p>Done: {escape(address)} gets no more messages.</p>")

    return Route(f"/{PATH}/{{token}}", unsubscribe, methods=["GET", "POST"])


_BUTTON = '<button style="font: inherit; padding: .5rem 1rem">Unsubscribe</button>'


def _page(content: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(content), status, headers=_HEADERS)
