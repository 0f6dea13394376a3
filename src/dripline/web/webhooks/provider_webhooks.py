"""Where providers post: ``/hooks/CHANNEL``, or ``/hooks/CHANNEL/HOOK``, which is one sender's own.

A body is kept and answered at once; passes take it in.
"""

import asyncio
import logging
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dripline.app import Dripline
from dripline.errors import ChannelNotConfigured, DatabaseProblem, InvalidCredential
from dripline.web.security.client_address import prove

BODY_LIMIT = 4 * 2**20
"""The largest body that is taken, in bytes: a thousand of Meta's events are a tenth of it."""

_log = logging.getLogger("dripline.hooks")


async def _posted(request: Request) -> Response:
    drip: Dripline = request.app.state.drip
    channel, hook = request.path_params["channel"], request.path_params.get("hook")
    try:
        if request.method == "GET":
            asked = partial(drip.inbox.challenge, channel, dict(request.query_params), hook=hook)
            return _challenged(await asyncio.to_thread(asked))
        return await _stored(drip, channel, hook, request)
    except ChannelNotConfigured:
        return PlainTextResponse("No such webhook.", 404)
    except (DatabaseProblem, InvalidCredential) as problem:
        # The provider tries again: nothing is lost, also where a key is put back first.
        _log.error("webhook.not_kept channel=%s error=%s", channel, problem)
        return PlainTextResponse("Not now.", 503)


HOOKS = [Route(path, _posted, methods=["GET", "POST"]) for path in ("/hooks/{channel}", "/hooks/{channel}/{hook}")]
"""The routes that providers post to."""


def _challenged(answer: str | None) -> Response:
    return PlainTextResponse("Not yours.", 403) if answer is None else PlainTextResponse(answer)


async def _stored(drip: Dripline, channel: str, hook: str | None, request: Request) -> Response:
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    is_stored = await asyncio.to_thread(partial(drip.inbox.receive_webhook, channel, headers, body, hook=hook))
    if not is_stored:
        return PlainTextResponse("Not signed by the provider.", 401)
    prove(request)
    return Response(status_code=200)
