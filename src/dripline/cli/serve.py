"""Serving over HTTP: `dripline serve`, and what `dripline run` has beside its processor."""

import logging
from collections.abc import Callable
from datetime import timedelta

import typer

from dripline.app import Dripline
from dripline.cli.support.options import Create, Db, Host, Migrate, Port
from dripline.config.settings import Settings
from dripline.engine import event_loop
from dripline.engine.report import Report
from dripline.web.app import application
from dripline.web.connection_pool import ConnectionPool
from dripline.web.security.reverse_proxy import Outside
from dripline.web.server.serve import listening, served
from dripline.web.server.serve import serve as serve_until_stopped

_log = logging.getLogger("dripline.serve")


def serve(
    db: Db = None,
    create: Create = False,
    migrate: Migrate = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Serve the dashboard, the API and the webhooks that providers post to, until Ctrl-C, beside workers.

    Nothing is open without logging in. Where nobody can log in yet, it prints a link for the first account.

    Example: dripline serve --db postgresql://shop@db.example.com/shop --port 8000
    """
    from dripline.cli.support.logs import log_to_stderr
    from dripline.cli.support.session import open_dripline, unsubscribe_links

    log_to_stderr()
    seen = outside()
    with open_dripline(db, create=create, migrate=migrate) as drip, ConnectionPool(drip) as pool:
        links = unsubscribe_links()
        place = listening(host, port)
        _tell(drip, place.getsockname()[:2], seen)
        app = application(drip, links, pool, seen)
        event_loop.run(serve_until_stopped(app, place, drip.watch_schema, seen))


def outside() -> Outside:
    """Return where this is reached from outside, and by which proxies, as far as that is configured.

    Raises:
        InvalidSettings: It cannot be used.
    """
    web = Settings.load().web
    return Outside() if web is None else Outside.of(web.url, web.trusted_proxies)


def run_and_serve(drip: Dripline, at: tuple[str, int], *, poll: timedelta, on_pass: Callable[[Report], None]) -> None:
    """Run the processor, and serve what `serve` does beside it, until SIGINT or SIGTERM."""
    from dripline.cli.support.session import unsubscribe_links

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
