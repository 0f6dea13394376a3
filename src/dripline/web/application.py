"""The ASGI app: what is reached over HTTP, put together."""

import asyncio

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from dripline.app import Dripline
from dripline.core.messages.unsubscribe import UnsubscribeLinks
from dripline.version import __version__
from dripline.web import api, health, live, pages
from dripline.web.addresses import WholeSegments
from dripline.web.bounds import Bounds
from dripline.web.description import Described, operation_id
from dripline.web.desk import Desk
from dripline.web.headers import SafeHeaders
from dripline.web.hooks import HOOK
from dripline.web.intake import INTAKE
from dripline.web.outside import NOWHERE, Forwarded, Outside
from dripline.web.pages.access import LOGINS_AT_ONCE
from dripline.web.problems import answer_problems
from dripline.web.unsubscribe import unsubscribing
from dripline.web.view import STATIC


def application(
    drip: Dripline, links: UnsubscribeLinks | None = None, desk: Desk | None = None, outside: Outside = NOWHERE
) -> FastAPI:
    """Return the app on an open database; with unsubscribe links, if there are any.

    What providers post is kept on `drip`; people and programs are answered at the desk, which whoever made it closes.
    """
    app = Described(
        title="dripline",
        version=__version__,
        description=api.ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    set_up(app, drip, desk or Desk(drip))
    app.state.outside = outside
    app.add_middleware(Bounds)
    app.add_middleware(SafeHeaders)
    app.add_middleware(WholeSegments)
    app.add_middleware(Forwarded, outside)
    answer_problems(app)
    app.router.routes.extend([HOOK, INTAKE, *([unsubscribing(drip, links)] if links else [])])
    app.include_router(api.router, responses=api.PROBLEMS, generate_unique_id_function=operation_id)
    app.include_router(health.router)
    app.include_router(live.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC), "static")
    return app


def set_up(app: FastAPI, drip: Dripline, desk: Desk) -> None:
    """Let an app answer for an open database from now on, at a desk."""
    app.state.drip, app.state.desk, app.state.pairings = drip, desk, {}
    app.state.logging_in = asyncio.Semaphore(LOGINS_AT_ONCE)
