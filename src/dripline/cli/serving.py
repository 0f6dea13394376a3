"""Serving over HTTP: `dripline serve`, and `dripline run` where a provider posts to us."""

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import timedelta

from dripline.app import Dripline
from dripline.cli.options import Db, Host, Port
from dripline.engine.report import Report
from dripline.errors import ChannelNotConfigured
from dripline.web.hooks import hooks
from dripline.web.serving import listening, served
from dripline.web.serving import serve as serve_until_stopped

_log = logging.getLogger("dripline.serve")


def serve(db: Db = None, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the webhooks that providers post to, until Ctrl-C, beside workers on the same database.

    Example: dripline serve --db postgresql://shop@db.example.com/shop --port 8000
    """
    from dripline.cli.opening import open_dripline

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    with open_dripline(db) as drip:
        if not drip.inbound_channels():
            raise ChannelNotConfigured(
                "No channel takes anything in here, so there is nothing to serve: configure whatsapp with its "
                "app_secret and verify_token, or gowa with its webhook_secret."
            )
        place = listening(host, port)
        _tell(drip, place.getsockname()[:2])
        asyncio.run(serve_until_stopped(hooks(drip), place))


def run_and_serve(drip: Dripline, at: tuple[str, int], *, poll: timedelta, on_pass: Callable[[Report], None]) -> None:
    """Run the processor, and serve the webhooks beside it, until SIGINT or SIGTERM."""
    place = listening(*at)
    _tell(drip, place.getsockname()[:2])

    async def both() -> None:
        async with served(hooks(drip), place):
            await drip.work(poll=poll, on_pass=on_pass)

    asyncio.run(both())


def _tell(drip: Dripline, at: tuple[str, int]) -> None:
    for channel in drip.inbound_channels():
        _log.info("webhook.served channel=%s url=http://%s:%s/hooks/%s", channel, *at, channel)
