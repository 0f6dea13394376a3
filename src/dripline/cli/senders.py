"""Senders: `dripline senders` and what a person does to one."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer

from dripline.cli.connecting import check, connect, disconnect, fields, webhook
from dripline.cli.support.command_groups import is_for_a_command
from dripline.cli.support.options import Db, Json
from dripline.core.text import counted

senders = typer.Typer(help="Senders: who sends, how fast, and what each waits for.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The sender's name.")]


@senders.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List every sender: its load, what is due on its lane, what it sent in 24 hours, and what it waits for.

    Example: dripline senders --db shop.db
    """
    if is_for_a_command(context):
        return
    from rich.console import Console
    from rich.table import Table

    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        states = drip.senders.all()
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
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        events = drip.senders.events(name)
    if as_json:
        print_json([asdict(event) for event in events])
        return
    for event in events:
        typer.echo(f"{event.at:%Y-%m-%d %H:%M:%S} UTC {event.event}: {event.reason}")
    if not events:
        typer.echo("Nothing has happened to it yet.")


@senders.command()
def pause(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why, for who asks later.")] = "",
    db: Db = None,
) -> None:
    """Keep a sender from sending, from the next message on; its leads wait.

    Example: dripline senders pause jb-1 --reason "on leave"
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        paused = drip.senders.pause(name, reason=reason)
    typer.echo(f"{name} is paused." if paused else f"{name} was paused already.")


@senders.command()
def resume(name: Name, db: Db = None) -> None:
    """Let a paused or broken sender go on, slowly at first.

    Example: dripline senders resume jb-1
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        resumed = drip.senders.resume(name)
    typer.echo(f"{name} is resumed, slowly at first." if resumed else f"{name} was not paused.")


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
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        moved = drip.senders.archive(name, to=to)
    typer.echo(f"{name} is archived. {counted(moved, 'live enrollment')} moved to other senders.")


@senders.command(name="try")
def try_(
    name: Name,
    address: Annotated[str, typer.Argument(metavar="PHONE", help="Your own phone, or e-mail address.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is sent; else that it is a test.")] = "",
    db: Db = None,
) -> None:
    """Send one message through a sender at once, to see that it arrives. It counts against no cap.

    Exits 1 if the provider does not accept it.

    Example: dripline senders try jb-1 60123456789
    """
    import asyncio

    from dripline.app.senders import TEST_MESSAGE
    from dripline.cli.support.session import open_existing
    from dripline.core.leads.lead_ref import lead_ref
    from dripline.core.outcome import Accepted

    with open_existing(db) as drip:
        outcome = asyncio.run(drip.senders.send_test(name, text or TEST_MESSAGE, **lead_ref(address)))
    if not isinstance(outcome, Accepted):
        typer.echo(f"It was not accepted: {outcome.error}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Accepted for {address}: check whether it has arrived.")


PairedPhone = Annotated[
    str | None, typer.Option("--phone", help="Link this phone by a code to write on it, instead of by a QR.")
]


@senders.command()
def pair(
    name: Name,
    phone: PairedPhone = None,
    wait: Annotated[float, typer.Option("--wait", min=1, help="How long to wait for the phone, in seconds.")] = 180.0,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Link a sender's device to a phone: shows a code or a QR's link, and waits until it is linked.

    A device that its gateway does not have is made. A sender that was held for it goes on.

    Example: dripline senders pair jb-1 --phone 60123456789
    """
    import asyncio

    from dripline.channels.accounts import Pairing
    from dripline.cli.support.progress import waiting
    from dripline.cli.support.session import open_existing, print_json

    shown: list[Pairing] = [Pairing()]

    def show(pairing: Pairing) -> None:
        shown.append(pairing)
        # On the other stream where programs read the first: a person has to see it before the end.
        typer.echo(_what_to_do(pairing.code, pairing.qr_link, pairing.lasts), err=as_json)

    with open_existing(db) as drip, waiting("Waiting for the phone"):
        is_new = asyncio.run(drip.senders.pair(name, phone=phone, patience=timedelta(seconds=wait), on_pairing=show))
    if as_json:
        print_json({"sender": name, "linked": True, "code": shown[-1].code, "qr_link": shown[-1].qr_link})
    else:
        typer.echo(f"{name} is linked." if is_new else f"{name} was linked already.")


for _command in (connect, disconnect, check, webhook, fields):
    senders.command()(_command)


def _what_to_do(code: str | None, qr_link: str | None, lasts: timedelta | None) -> str:
    """Say what a person is to do on the phone."""
    on_phone = "On the phone, open WhatsApp, Linked devices, Link a device"
    if code is not None:
        return f"{on_phone}, Link with phone number instead, and write {code}"
    text = "" if lasts is None else f" (it lasts {lasts.total_seconds():.0f} s; another follows)"
    return f"{on_phone}, and scan the picture at {qr_link}{text}"


def _stands(status: str, reason: str | None, waits_for: str | None, free_at: datetime, now: datetime) -> str:
    if status != "active":
        return f"{status}: {reason}"
    if free_at > now and waits_for:
        return f"waits for {waits_for}, free at {free_at:%Y-%m-%d %H:%M:%S} UTC"
    return "free"
