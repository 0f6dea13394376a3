"""Live pages: one stream that says when something has changed; what has, each page asks for itself.

The stream is the database's own: every process that serves looks at the same figures, so that it does not matter which
processor sends. It ends when its session does.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from dripline.app import Dripline
from dripline.engine.clock import SystemClock
from dripline.web.connection_pool import ConnectionPool
from dripline.web.security.auth import COOKIE, NotLoggedIn, pool_of

LOOK_EVERY = 1.0
"""How often the database is looked at while somebody listens, in seconds."""

SIGN_EVERY = 15
"""After how many looks without a change a sign of life is sent, so that nobody between takes the stream for dead."""

router = APIRouter(include_in_schema=False)


@router.get("/live")
async def live(request: Request) -> StreamingResponse:
    """Tell a browser when something changes, until it goes or its session ends.

    Raises:
        NotLoggedIn: There is no session.
    """
    pool, secret = pool_of(request), request.cookies.get(COOKIE, "")
    if await run_in_threadpool(_pulse, pool, secret) is None:
        raise NotLoggedIn
    return StreamingResponse(_changes(request, pool, secret), media_type="text/event-stream")


async def _changes(request: Request, pool: ConnectionPool, secret: str) -> AsyncGenerator[str]:
    clock, never, last, quiet = SystemClock(), asyncio.Event(), "", 0
    yield "retry: 3000\n\n"
    while not await request.is_disconnected():
        pulse = await run_in_threadpool(_pulse, pool, secret)
        if pulse is None:
            yield "event: over\ndata: 1\n\n"
            return
        quiet = quiet + 1 if pulse == last else 0
        if pulse != last:
            last = pulse
            yield "event: changed\ndata: 1\n\n"
        elif quiet % SIGN_EVERY == 0:
            yield ": still here\n\n"
        await clock.wait(never, LOOK_EVERY)


def _pulse(pool: ConnectionPool, secret: str) -> str | None:
    """Return what differs whenever a page would; None where the session is over."""
    with pool.acquire() as drip:
        return None if drip.accounts.user_of_session(secret) is None else _figures(drip)


def _figures(drip: Dripline) -> str:
    report = drip.reports.overview(back=timedelta(hours=1), ahead=timedelta(hours=1))
    senders = [(state.sender.name, state.status, state.due, state.sent_today) for state in drip.senders.all()]
    people = [deed.id for deed in drip.accounts.audit(most=1)]
    tallies = [(one.sequence, sorted(one.tally.many.items())) for one in report.sequences]
    return repr((report.leads, report.due.many, tallies, senders, people, drip.workspace.state().pause_reason))
