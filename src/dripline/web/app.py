"""The ASGI app: what is reached over HTTP, put together."""

import asyncio

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from dripline.app import Dripline
from dripline.core.messages.unsubscribe_links import UnsubscribeLinks
from dripline.version import __version__
from dripline.web import api, health, live_updates, pages
from dripline.web.connection_pool import ConnectionPool
from dripline.web.errors import answer_problems
from dripline.web.openapi.description import Described, operation_id
from dripline.web.pages.login import LOGINS_AT_ONCE
from dripline.web.path_segments import WholeSegments
from dripline.web.render import STATIC
from dripline.web.security.body_limits import Bounds
from dripline.web.security.outside import NOWHERE, Outside
from dripline.web.security.response_headers import SafeHeaders
from dripline.web.security.reverse_proxy import Forwarded
from dripline.web.webhooks.lead_intake import INTAKE
from dripline.web.webhooks.provider_webhooks import HOOKS
from dripline.web.webhooks.unsubscribe import unsubscribing


def application(
    drip: Dripline,
    links: UnsubscribeLinks | None = None,
    pool: ConnectionPool | None = None,
    outside: Outside = NOWHERE,
    *,
    kit: bool = False,
) -> FastAPI:
    """Return the app on an open database; with unsubscribe links, if there are any.

    What providers post is stored through `drip`; pages and the API use connections of `pool`, which the caller closes.
    With `kit`, the page ``/_kit`` shows every component, for whoever builds pages.
    """
    app = Described(
        title="dripline",
        version=__version__,
        description=api.ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    set_up(app, drip, pool or ConnectionPool(drip))
    app.state.outside = outside
    app.add_middleware(Bounds)
    app.add_middleware(SafeHeaders)
    app.add_middleware(WholeSegments)
    app.add_middleware(Forwarded, outside)
    answer_problems(app)
    app.router.routes.extend([*HOOKS, INTAKE, *([unsubscribing(drip, links)] if links else [])])
    app.include_router(api.router, responses=api.PROBLEMS, generate_unique_id_function=operation_id)
    app.include_router(health.router)
    app.include_router(live_updates.router)
    app.include_router(pages.router)
    if kit:
        app.include_router(pages.kit.router)
    # Only files are packed: a packed page with a token and somebody's words would give the token away by its size.
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC)), "static")
    return app


def set_up(app: FastAPI, drip: Dripline, pool: ConnectionPool) -> None:
    """Let an app serve an open database from now on, with the connections of a pool."""
    app.state.drip, app.state.pool, app.state.pairings, app.state.tried = drip, pool, {}, {}
    app.state.logging_in = asyncio.Semaphore(LOGINS_AT_ONCE)
