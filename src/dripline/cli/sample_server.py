"""The sample: a database with five days of a shop's life in it, served and going on; `dripline demo --serve`."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import typer

from dripline.app import Dripline
from dripline.cli.simulate import quiet
from dripline.cli.support.progress import playing
from dripline.engine.clock import SystemClock, new_id, stopwatch
from dripline.engine.report import Report
from dripline.simulate.demo_shop.channel import SampleChannel
from dripline.simulate.demo_shop.fill import fill_sample, post
from dripline.simulate.demo_shop.shop import CHANNEL

POLL = timedelta(seconds=5)
"""How often the processor looks, and the sample's provider posts."""

_log = logging.getLogger("dripline.demo")


def serve_sample(url: str, *, leads: int, seed: int, at: tuple[str, int]) -> None:
    """Fill a new database with the sample, then process and serve it until SIGINT or SIGTERM.

    Raises:
        InvalidInput: The database has leads already.
    """
    from dripline.cli.serving import run_and_serve
    from dripline.cli.support.logs import log_to_stderr

    lap = stopwatch()
    with quiet(), playing() as progress:
        fill_sample(url, SystemClock().now(), leads=leads, seed=seed, progress=progress)
    log_to_stderr()
    with _living(url, seed) as (drip, channel):
        counts = drip.reports.counts()
        typer.echo(f"Filled {url} in {lap():.0f} s: {counts['leads']:,} leads, {counts['completed']:,} messages sent.")
        typer.echo("Nothing reaches anybody: everything goes through the channel 'sample'. Ctrl-C ends it.")

        def on_pass(report: Report) -> None:
            if report.sent:
                _log.info("pass.done sent=%s", report.sent)
            post(channel, drip)

        run_and_serve(drip, at, poll=POLL, on_pass=on_pass)


@contextmanager
def _living(url: str, seed: int) -> Generator[tuple[Dripline, SampleChannel]]:
    """Open a filled database with the sample's channel and no other that reaches anybody."""
    channel = SampleChannel(SystemClock(), seed=seed, secret=f"{new_id():x}".encode())
    with Dripline(url, channels={CHANNEL: channel}, migrate=False) as drip:
        yield drip, channel
