"""The processor: `dripline run` and `dripline tick`."""

import logging
import sys
from datetime import timedelta
from typing import Annotated

import typer

from dripline.app import Dripline
from dripline.channels.console import ConsoleChannel
from dripline.cli.support.options import Create, Db, Host, Json, Migrate, Port
from dripline.cli.support.progress import sending
from dripline.core.text import counted
from dripline.engine.report import Report
from dripline.errors import OutputLost


def tick(db: Db = None, create: Create = False, migrate: Migrate = False, as_json: Json = False) -> None:
    """Look once at everything that is active and due, send it, and exit.

    Exits 1 if a message failed or waits for a channel that is not configured, or if something was due and nothing could
    go; 0 if nothing was due, or what was due waits for its hours, its pace or a person who paused it.

    Ctrl-C, SIGTERM and SIGHUP end it as soon as what is being sent is answered; the rest is due again at once.

    Example: dripline tick --db shop.db
    """
    from dripline.cli.support.session import open_dripline, print_json

    # A command that prints JSON keeps its output clean.
    console = ConsoleChannel(sys.stderr if as_json else None)
    with (
        open_dripline(db, create=create, migrate=migrate, console=console) as drip,
        sending(drip.records.count_due()) as on_settled,
    ):
        report = drip.tick(on_settled=on_settled)
        paused = drip.workspace.state().pause_reason
    _check(console)
    if as_json:
        print_json(report.as_json())
    else:
        typer.echo(_sentence(report.as_json()))
    for channel, count in report.waiting.items():
        typer.echo(
            f"{counted(count, 'due record')} waiting for the channel {channel!r}, which is not configured here.",
            err=True,
        )
    if paused is not None:
        typer.echo(f"Everything is paused: {paused}. dripline resume resumes it.", err=True)
    stuck = _stuck(report)
    if stuck:
        typer.echo(f"Nothing could be sent: {stuck}.", err=True)
    if report.failed or report.waiting or stuck:
        raise typer.Exit(1)


def _stuck(report: Report) -> str:
    """Say what kept everything that was tried from going; empty where something went, or nothing was tried."""
    if report.sent:
        return ""
    waiting = ((report.retried, "to be tried again"), (report.held, "held with their senders or steps"))
    counts = (*waiting, (report.unknown, "of which nobody knows whether they went"))
    return ", ".join(f"{count} {why}" for count, why in counts if count)


def _check(console: ConsoleChannel) -> None:
    """Refuse to go on where messages can be printed no more.

    Raises:
        OutputLost: They cannot be.
    """
    if console.problem is not None:
        raise OutputLost(f"Stopped, {console.problem}: what was not printed is due again.")


Poll = Annotated[float, typer.Option("--poll", min=0.1, max=3_600, help="How often to look at least, in seconds.")]


def run(
    db: Db = None,
    create: Create = False,
    migrate: Migrate = False,
    poll: Poll = 15.0,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Run the processor until Ctrl-C, a pass every 15 seconds and sooner when something is due; and the dashboard.

    The dashboard, the API and what providers post to are at http://127.0.0.1:8000 unless told. Nothing is open without
    logging in; where nobody can log in yet, a link for the first account is printed.

    Example: dripline run --db shop.db
    """
    _process(db, poll, create=create, migrate=migrate, at=(host, port))


def worker(db: Db = None, create: Create = False, migrate: Migrate = False, poll: Poll = 15.0) -> None:
    """Run the processor alone, as often as you like, on as many machines as you like, on one PostgreSQL.

    Workers need no other coordination: each record is claimed by one of them.

    Example: dripline worker --db postgresql://shop@db.example.com/shop
    """
    _process(db, poll, create=create, migrate=migrate)


FORETOLD = 20_000
"""How many due records are looked at one by one before the first pass: half a second's work."""


def _process(db: str | None, poll: float, *, create: bool, migrate: bool, at: tuple[str, int] | None = None) -> None:
    from dripline.cli.support.alert_watch import watching
    from dripline.cli.support.logs import log_to_stderr
    from dripline.cli.support.session import open_dripline

    log_to_stderr()
    log = logging.getLogger("dripline.run")

    def on_pass(report: Report) -> None:
        if any(report.as_json().values()):
            log.info("pass.done %s", _sentence(report.as_json()))
        look()
        if console.problem is not None:
            drip.stop()

    console = ConsoleChannel()
    with open_dripline(db, create=create, migrate=migrate, console=console) as drip:
        look = watching(drip)
        log.info("processor.started poll=%ss stop=Ctrl-C", poll)
        _tell_what_is_late(drip, log)
        if at is not None:
            from dripline.cli.serving import run_and_serve

            run_and_serve(drip, at, poll=timedelta(seconds=poll), on_pass=on_pass)
        else:
            drip.run(poll=timedelta(seconds=poll), on_pass=on_pass)
        log.info("processor.stopped")
    _check(console)


def _tell_what_is_late(drip: Dripline, log: logging.Logger) -> None:
    """Say first what becomes of what was due while nobody was at work, or that everything is paused."""
    paused = drip.workspace.state().pause_reason
    if paused is not None:
        log.warning("paused everything=yes reason=%s", paused)
        return
    due = drip.records.count_due()
    if due > FORETOLD:
        log.info("catch_up %s are due; dripline resume --dry-run says what becomes of them", due)
        return
    plan = drip.records.plan_resume()
    for sentence in plan.sentences() if plan.is_worth_telling else ():
        log.info("catch_up %s", sentence)


def _sentence(report: dict[str, object]) -> str:
    counts = [
        f"{name} {count}" for name, count in report.items() if isinstance(count, int) and (count or name == "sent")
    ]
    return ", ".join(counts)
