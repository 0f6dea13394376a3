"""Serves a database over HTTP: for `dripline serve`, and beside the processor of `dripline run`."""

import logging
from collections.abc import Callable
from datetime import timedelta

import typer

from dripline.app import Dripline
from dripline.cli.support.outside import outside
from dripline.cli.support.session import unsubscribe_links
from dripline.engine import event_loop
from dripline.engine.report import Report
from dripline.web.app import application
from dripline.web.connection_pool import ConnectionPool
from dripline.web.security.outside import Outside
from dripline.web.server.serve import listening, serve, served

_log = logging.getLogger("dripline.serve")


def serve_until_stopped(drip: Dripline, at: tuple[str, int], seen: Outside, *, kit: bool = False) -> None:
    """Serve the dashboard, the API and webhooks until SIGINT or SIGTERM."""
    with ConnectionPool(drip) as pool:
        links = unsubscribe_links()
        place = listening(*at)
        _tell(drip, place.getsockname()[:2], seen)
        event_loop.run(serve(application(drip, links, pool, seen, kit=kit), place, drip.watch_schema, seen))


def run_and_serve(drip: Dripline, at: tuple[str, int], *, poll: timedelta, on_pass: Callable[[Report], None]) -> None:
    """Run the processor, and serve what `serve` does beside it, until SIGINT or SIGTERM."""
    seen, links = outside(), unsubscribe_links()
    place = listening(*at)
    _tell(drip, place.getsockname()[:2], seen)

    async def both(pool: ConnectionPool) -> None:
        async with served(application(drip, links, pool, seen), place, seen):
            await drip.run_async(poll=poll, on_pass=on_pass)

    with ConnectionPool(drip) as pool:
        event_loop.run(both(pool))


def _tell(drip: Dripline, at: tuple[str, int], seen: Outside) -> None:
    host, port = at
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    for channel in drip.inbox.channels():
        _log.info("webhook.served channel=%s url=%s/hooks/%s", channel, url, channel)
    _log.info("serving url=%s", url)
    url, secret = seen.url or url, drip.accounts.setup_link()
    if secret is None:
        typer.echo(f"The dashboard is at {url}", err=True)
    else:
        # Told to the terminal and not to the log: it lets somebody in.
        typer.echo(f"Make the first account here, once, within 24 hours: {url}/welcome/{secret}", err=True)
