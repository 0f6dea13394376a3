"""What came of a form, shown once by the page that it leads to.

It travels in a cookie that only this session can have written, and never in an address: a link cannot put words into a
page of ours, and nobody's name is left in a history or a log.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import astuple, dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from dripline.web.security.auth import COOKIE
from dripline.web.security.reverse_proxy import is_secure

TOAST_COOKIE = "dripline_toast"

LIFETIME = 60
"""How many seconds a toast waits to be shown."""

TEXT_LIMIT = 1_000
"""The most bytes of a toast, in UTF-8: a cookie holds some 4,000 with two of them. More is cut off."""


@dataclass(frozen=True, slots=True)
class Toast:
    """A sentence that a page shows once.

    `is_bad` is whether something was refused: it then stays until it is dismissed. `undo` is the address that takes
    back what was done, by a post; empty where nothing can be.
    """

    text: str
    is_bad: bool = field(default=False, kw_only=True)
    undo: str = field(default="", kw_only=True)


class RedirectWithToasts(RedirectResponse):
    """Leads to a page, which shows what came of a form."""

    def __init__(self, where: str, toasts: list[Toast]) -> None:
        super().__init__(where, 303)
        self._toasts = toasts

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the cookie of whoever asked."""
        if self._toasts:
            request = Request(scope)
            written = _seal(request.cookies.get(COOKIE, ""), self._toasts)
            safe = is_secure(request)
            self.set_cookie(TOAST_COOKIE, written, max_age=LIFETIME, httponly=True, samesite="lax", secure=safe)
        await super().__call__(scope, receive, send)


def toasts_of(request: Request) -> list[Toast]:
    """Return what a page has to show; nothing to a request that only looks whether the page has changed."""
    written = "" if "x-live" in request.headers else request.cookies.get(TOAST_COOKIE, "")
    return _open(request.cookies.get(COOKIE, ""), written)


def forget(response: Response) -> None:
    """Remove what was shown from the browser."""
    response.delete_cookie(TOAST_COOKIE, httponly=True, samesite="lax")


def _seal(secret: str, toasts: list[Toast]) -> str:
    values = [astuple(Toast(_cut(one.text), is_bad=one.is_bad, undo=one.undo)) for one in toasts]
    content = urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode()
    return f"{content}.{_mark(secret, content)}"


def _cut(text: str) -> str:
    return text.encode(errors="replace")[:TEXT_LIMIT].decode(errors="ignore")


def _open(secret: str, written: str) -> list[Toast]:
    content, _, mark = written.partition(".")
    if not content or not hmac.compare_digest(mark.encode(), _mark(secret, content).encode()):
        return []
    try:
        values: list[tuple[str, bool, str]] = json.loads(urlsafe_b64decode(content))
    except (Error, ValueError):
        return []
    return [Toast(text, is_bad=is_bad, undo=undo) for text, is_bad, undo in values]


def _mark(secret: str, content: str) -> str:
    return hmac.new(secret.encode(), f"toast {content}".encode(), hashlib.sha256).hexdigest()
