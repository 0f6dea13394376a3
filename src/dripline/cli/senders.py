"""Senders: `dripline senders` and what a person does to one."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from dripline.cli.options import Db, Json

senders = typer.Typer(help="Senders: who sends, how fast, and what each waits for.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The sender's name.")]


@senders.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List every sender: its load, what is due on its lane, what it sent in 24 hours, and what it waits for.

    Example: dripline senders --db shop.db
    """
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Table

    from dripline.cli.opening import open_existing, print_json

    with open_existing(db) as drip:
        states = drip.senders()
        now = drip.now()
    if as_json:
        print_json([asdict(state) for state in states])
        return
    if not states:
        typer.echo("There are no senders: write one in a file (sender: jb-1) and run dripline apply.")
        return
    table = Table("sender", "pool", "channel", "leads", "due", "sent in 24 h", "stands")
    for state in states:
        counts = [str(count) for count in (state.live, state.due, state.sent_today)]
        stands = _stands(state.status, state.reason, state.wait_reason, state.free_at, now)
        if state.cold_until is not None:
            stands += f"; answers only people who wrote to it, until {state.cold_until:%Y-%m-%d %H:%M} UTC"
        table.add_row(state.sender.name, state.sender.pool or "", state.sender.channel, *counts, stands)
    Console(highlight=False, markup=False).print(table)


@senders.command()
def history(name: Name, db: Db = None, as_json: Json = False) -> None:
    """Show what happened to a sender, the latest first.

    Example: dripline senders history jb-1
    """
    from dripline.cli.opening import open_existing, print_json

    with open_existing(db) as drip:
        events = drip.sender_events(name)
    if as_json:
        print_json([asdict(event) for event in events])
        return
    for event in events:
        typer.echo(f"{event.at:%Y-%m-%d %H:%M:%S} UTC {event.event}: {event.reason}")
    if not events:
        typer.echo("Nothing happened to it yet.")


@senders.command()
def pause(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why, for who asks later.")] = "paused by a person",
    db: Db = None,
) -> None:
    """Keep a sender from sending, from the next message on; its leads wait.

    Example: dripline senders pause jb-1 --reason "on leave"
    """
    from dripline.cli.opening import open_existing

    with open_existing(db) as drip:
        paused = drip.pause_sender(name, reason=reason)
    typer.echo(f"{name} is paused." if paused else f"{name} was paused already.")


@senders.command()
def resume(name: Name, db: Db = None) -> None:
    """Let a paused or broken sender go on, slowly at first.

    Example: dripline senders resume jb-1
    """
    from dripline.cli.opening import open_existing

    with open_existing(db) as drip:
        resumed = drip.resume_sender(name)
    typer.echo(f"{name} goes on, slowly at first." if resumed else f"Nothing held {name}.")


@senders.command()
def archive(
    name: Name,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="NAME", help="Who takes its leads, instead of the other senders."),
    ] = None,
    db: Db = None,
) -> None:
    """Retire a sender for good, and give its leads to another.

    Example: dripline senders archive jb-1 --to jb-2
    """
    from dripline.cli.opening import open_existing

    with open_existing(db) as drip:
        moved = drip.archive_sender(name, to=to)
    typer.echo(f"{name} is archived. {moved} live enrollments went over.")


def _stands(status: str, reason: str | None, waits_for: str | None, free_at: datetime, now: datetime) -> str:
    if status != "active":
        return f"{status}: {reason}"
    if free_at > now and waits_for:
        return f"waits for {waits_for}, free at {free_at:%Y-%m-%d %H:%M:%S} UTC"
    return "free"
