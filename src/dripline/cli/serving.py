"""Serving over HTTP: `dripline serve`, and `dripline run` where a provider posts to us."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from dripline.app import Dripline
from dripline.cli.options import Db, Host, Port
from dripline.engine.report import Report
from dripline.errors import ChannelNotConfigured
from dripline.web.application import application
from dripline.web.serving import listening, served
from dripline.web.serving import serve as serve_until_stopped

_log = logging.getLogger("dripline.serve")


def serve(db: Db = None, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the webhooks that providers post to, and unsubscribe links, until Ctrl-C, beside workers on the database.

    Example: dripline serve --db postgresql://shop@db.example.com/shop --port 8000
    """
    from dripline.cli.logs import log_to_stderr
    from dripline.cli.opening import open_dripline, unsubscribe_links

    log_to_stderr()
    with open_dripline(db) as drip:
        links = unsubscribe_links()
        if not drip.inbound_channels() and links is None:
            raise ChannelNotConfigured(
                "No channel takes anything in here, so there is nothing to serve: configure whatsapp with its "
                "app_secret and verify_token, gowa or telegram with its webhook_secret, or smtp with its "
                "unsubscribe_url."
            )
        place = listening(host, port)
        _tell(drip, place.getsockname()[:2])
        asyncio.run(serve_until_stopped(application(drip, links), place))


def run_and_serve(drip: Dripline, at: tuple[str, int], *, poll: timedelta, on_pass: Callable[[Report], None]) -> None:
    """Run the processor, and serve what `serve` does beside it, until SIGINT or SIGTERM."""
    from dripline.cli.opening import unsubscribe_links

    place, links = listening(*at), unsubscribe_links()
    _tell(drip, place.getsockname()[:2])

    async def both() -> None:
        async with served(application(drip, links), place):
            await drip.work(poll=poll, on_pass=on_pass)

    asyncio.run(both())


def _tell(drip: Dripline, at: tuple[str, int]) -> None:
    for channel in drip.inbound_channels():
        _log.info("webhook.served channel=%s url=http://%s:%s/hooks/%s", channel, *at, channel)
    _log.info("serving url=http://%s:%s", *at)
