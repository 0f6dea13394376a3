"""Bounds on what is posted: who has no right to post is refused before the body is read, and no body is too large.

Everything that comes in passes here before its route is looked for. A program's token is asked before its body, and so
is a person's session where the form is larger than a stranger's may be. Bodies are counted as they come, whatever was
declared of them. Files come in parts, and only where a file is expected.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dripline.errors import DriplineError
from dripline.web.errors import known, no_token, problem, to_log_in
from dripline.web.security.auth import NotLoggedIn, NoToken, has_session, has_token
from dripline.web.security.client_address import client_of
from dripline.web.uploads.uploads import BODY_LIMIT as LIST_LIMIT
from dripline.web.uploads.uploads import DRAINED_LIMIT
from dripline.web.webhooks.lead_intake import BODY_LIMIT as INTAKE_LIMIT
from dripline.web.webhooks.provider_webhooks import BODY_LIMIT as HOOK_LIMIT

STRANGER_LIMIT = 2**16
"""The largest body that somebody may post who is not let in, to log in for instance; in bytes."""

PAGE_LIMIT = 4 * 2**20
"""The largest form that somebody may post who is logged in, in bytes: a sequence with all its texts in the editor."""

API_LIMIT = 2**20
"""The largest body of a call to the API, in bytes."""

BULK_LIMIT = 4 * 2**20
"""The largest body of a call that brings much at once, in bytes: a sequence, or 10,000 lines of evidence."""

HELD_LIMIT = 64 * 2**20
"""How much of all bodies together is held in memory until they are answered, in bytes; files go to the disk."""

HELD_OF_ONE = 16 * 2**20
"""How much of that one client may take, in bytes."""

_BULK = ("/api/v1/sequences", "/api/v1/plan", "/api/v1/simulate", "/api/v1/unknown/", "/api/v1/records/")

_FOR_STRANGERS = ("/login", "/welcome/", "/unsubscribe/")

_WITH_FILE = ("/imports", "/unknown/evidence")

_LISTS = ("/api/v1/imports", "/api/v1/imports/plan")

_PARTS = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Bound:
    """How large a body may be, in bytes, and how large one of somebody who is not let in.

    `is_file`: it comes in parts with a file, and is kept on the disk.
    """

    limit: int
    stranger: int = field(kw_only=True)
    is_file: bool = field(default=False, kw_only=True)


def bound_of(path: str) -> Bound:
    """Return what a body may be that is posted to a path."""
    if path.startswith("/hooks/"):
        return Bound(HOOK_LIMIT, stranger=HOOK_LIMIT)
    if path.startswith("/intake/"):
        return Bound(INTAKE_LIMIT, stranger=INTAKE_LIMIT)
    if path in _LISTS:
        return Bound(LIST_LIMIT, stranger=0, is_file=True)
    if path.startswith("/api/"):
        return Bound(BULK_LIMIT if path.startswith(_BULK) else API_LIMIT, stranger=0)
    if path in _WITH_FILE:
        return Bound(DRAINED_LIMIT, stranger=0, is_file=True)
    return Bound(STRANGER_LIMIT if path.startswith(_FOR_STRANGERS) else PAGE_LIMIT, stranger=STRANGER_LIMIT)


class Bounds:
    """Refuses what is too large, and what was sent by nobody who may; everything else is answered by the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held = _Held()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or refuse."""
        request = Request(scope) if scope["type"] == "http" else None
        if request is None or not _has_body(request):
            await self._app(scope, receive, send)
            return
        bound = bound_of(scope["path"])
        answered = await _limit(request, bound)
        if isinstance(answered, Response):
            await answered(scope, receive, send)
            return
        client = client_of(None if request.client is None else request.client.host)
        body = _Body(receive, limit=answered, held=None if bound.is_file else self._held, client=client)
        # Who went before everything was read gets no answer, and no trace in the log.
        with body, suppress(ClientDisconnect):
            await self._app(scope, body.receive, send)


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def _limit(request: Request, bound: Bound) -> int | Response:
    """Return how much of a body is read, or what is answered in place of reading any."""
    declared, path = _declared(request), request.scope["path"]
    if declared is not None and declared > bound.limit:
        return problem(request, 413, _too_large(bound.limit))
    if not (bound.is_file or path.startswith("/intake/")) and _is_in_parts(request):
        return problem(request, 415, f"No file is expected here: post this in another form than {_PARTS}.")
    if bound.stranger == bound.limit or (declared is not None and declared <= bound.stranger):
        return bound.limit
    refusal = await _refusal(request)
    if refusal is None:
        return bound.limit
    return bound.stranger if declared is None and bound.stranger else refusal


async def _refusal(request: Request) -> Response | None:
    """Return what is answered to whoever is not let in."""
    is_program = request.scope["path"].startswith("/api/")
    try:
        is_let_in = await run_in_threadpool(has_token if is_program else has_session, request)
    except DriplineError as error:
        return known(request, error)
    if is_let_in:
        return None
    return no_token(request, NoToken()) if is_program else to_log_in(request, NotLoggedIn())


def _declared(request: Request) -> int | None:
    written = request.headers.get("content-length", "")
    return int(written) if written.isdecimal() and "transfer-encoding" not in request.headers else None


def _is_in_parts(request: Request) -> bool:
    return request.headers.get("content-type", "").strip().lower().startswith("multipart/")


def _too_large(limit: int) -> str:
    return f"This is larger than {limit:,} bytes, the most that is taken here: send less at once."


class _Held:
    """How much of bodies is in memory: in all, and of each client."""

    def __init__(self) -> None:
        self._all = 0
        self._of: Counter[str] = Counter()

    def add(self, client: str, size: int) -> None:
        """Count bytes that have come from a client; negative ones are let go.

        Raises:
            HTTPException: 503, it is too much.
        """
        self._all += size
        self._of[client] += size
        if not self._of[client]:
            del self._of[client]
        if size > 0 and (self._all > HELD_LIMIT or self._of[client] > HELD_OF_ONE):
            raise HTTPException(503, "Too much is being sent at once: try again in a moment.", {"retry-after": "5"})


class _Body:
    """A body as it comes, counted; what was held of it is let go at the end of the block."""

    def __init__(self, receive: Receive, *, limit: int, held: _Held | None, client: str) -> None:
        self._receive, self._limit, self._held, self._client = receive, limit, held, client
        self._size = self._counted = 0

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held is not None and self._counted:
            self._held.add(self._client, -self._counted)

    async def receive(self) -> Message:
        """Receive the next piece.

        Raises:
            HTTPException: 413, it is too large; 503, too much comes at once.
        """
        message = await self._receive()
        size = len(message.get("body", b""))
        self._size += size
        if self._size > self._limit:
            raise HTTPException(413, _too_large(self._limit))
        if self._held is not None and size:
            self._counted += size
            self._held.add(self._client, size)
        return message
