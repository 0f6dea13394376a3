"""The ASGI app: what is reached over HTTP, put together."""

from starlette.applications import Starlette

from dripline.app import Dripline
from dripline.core.unsubscribe import UnsubscribeLinks
from dripline.web.hooks import hook
from dripline.web.unsubscribe import unsubscribing


def application(drip: Dripline, links: UnsubscribeLinks | None = None) -> Starlette:
    """Return the app on an open database; with unsubscribe links, if there are any."""
    return Starlette(routes=[hook(drip), *([unsubscribing(drip, links)] if links else [])])
