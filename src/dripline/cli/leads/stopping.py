"""Leaving and pausing: `dripline pause`, `resume`, `stop`, `allow`, `exit`, `receive`, `untrigger`, `forget`."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json, Phone
from dripline.core.leads.who import Who, who
from dripline.errors import InvalidInput
from dripline.importing.leads.opt_outs_file import read_opt_outs
from dripline.settings import Settings

Sequence = Annotated[str | None, typer.Option("--sequence", metavar="NAME", help="One sequence.")]
Lead = Annotated[str | None, typer.Option("--lead", metavar="PHONE", help="One lead, by phone or e-mail address.")]
Sender = Annotated[str | None, typer.Option("--sender", metavar="NAME", help="One sender.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for who asks later.")]


def pause(
    sequence: Sequence = None,
    lead: Lead = None,
    sender: Sender = None,
    reason: Reason = "",
    db: Db = None,
) -> None:
    """Pause everything, or a sequence, a lead, a lead's run of one sequence, or a sender; from the next message on.

    Example: dripline pause --sequence "Warm EXAMA" --reason "new copy is coming"
    """
    from dripline.cli.support.session import open_existing

    _refuse_mixed(sender, sequence, lead)
    with open_existing(db) as drip:
        if sender is not None:
            touched = int(drip.senders.pause(sender, reason=reason))
        else:
            touched = drip.pause(sequence=sequence, reason=reason, **_lead(lead))
    what = _named(sequence, lead, sender)
    already = f"Nothing to pause: {what} is paused already, or not under way."
    typer.echo(f"{_capital(what)} is paused." if touched else already)


def resume(
    sequence: Sequence = None,
    lead: Lead = None,
    sender: Sender = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Let go on what was paused; says first what becomes of everything that is due, and then does just that.

    Example: dripline resume --sequence "Warm EXAMA" --dry-run
    """
    from dripline.cli.support.session import open_existing, print_json

    _refuse_mixed(sender, sequence, lead)
    with open_existing(db) as drip:
        plan = drip.records.plan_resume(sequence=sequence, sender=sender, **_lead(lead))
        if not as_json:
            typer.echo("\n".join(plan.sentences()) or "Nothing is due yet.")
        touched = 0
        if not dry_run:
            resumed = drip.senders.resume(sender) if sender is not None else None
            touched = int(resumed) if resumed is not None else drip.resume(sequence=sequence, **_lead(lead))
    if as_json:
        print_json({"plan": asdict(plan), "resumed": touched})
    elif dry_run:
        typer.echo("Nothing was changed (--dry-run).")
    else:
        what = _named(sequence, lead, sender)
        typer.echo(f"{_capital(what)} goes on." if touched else f"Nothing held {what}.")


def stop(
    phone: Annotated[
        str | None, typer.Argument(metavar="PHONE", help="The lead's phone, however it is written, or e-mail address.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="A list instead: CSV, Excel, JSON or text with an address a line."),
    ] = None,
    reason: Reason = "",
    db: Db = None,
) -> None:
    """Bar a person for good, whatever list they come in again with, and end what they are in; or everybody of a list.

    A list is taken whole or not at all. Its columns phone, email, address and reason are read, else its first one; so
    is what dripline suppressions prints.

    Example: dripline stop 60123456789
    """
    from dripline.cli.support.session import open_existing

    if (phone is None) is (file is None):
        raise InvalidInput("Name one person, or a list of them with --file.")
    opt_outs = () if file is None else read_opt_outs(file, region=Settings.load().region)
    with open_existing(db) as drip:
        if phone is not None:
            ended = drip.opt_out(reason=reason, **who(phone))
        else:
            ended = drip.leads.opt_out_all(one if one.reason else replace(one, reason=reason) for one in opt_outs)
    named = phone or f"the {len(opt_outs)} addresses of {file}"
    typer.echo(f"Nothing is sent to {named} any more; {ended} enrollments ended.")


def allow(
    phone: Annotated[
        str | None, typer.Argument(metavar="PHONE", help="The lead's phone, however it is written, or e-mail address.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="A list instead: CSV, Excel, JSON or text with an address a line."),
    ] = None,
    db: Db = None,
) -> None:
    """Let a person be sent to again who asked for it, or everybody of a list. What was ended stays ended.

    A list is taken whole or not at all; how many of its people had asked to stop themselves is said.

    Example: dripline allow 60123456789
    """
    from dripline.cli.support.session import open_existing

    if (phone is None) is (file is None):
        raise InvalidInput("Name one person, or a list of them with --file.")
    listed = () if file is None else read_opt_outs(file, region=Settings.load().region)
    with open_existing(db) as drip:
        if phone is not None:
            lifted = drip.opt_in(**who(phone))
            typer.echo(f"{phone} may be sent to again." if lifted else f"Nothing barred {phone}.")
            return
        allowed = drip.leads.opt_in_all(one.address for one in listed)
    typer.echo(
        f"{allowed.people} of {len(listed)} were barred and may be sent to again; {allowed.own} of them had asked to "
        "stop themselves: see that they asked to be written to."
    )


def maybe_stopped(db: Db = None, as_json: Json = False) -> None:
    """List the leads that may have asked to stop. Nothing is sent to them until you have decided.

    dripline stop PHONE bars one for good, dripline resume --lead PHONE lets it go on.

    Example: dripline maybe-stopped --db shop.db
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        waiting = drip.leads.maybe_stopped()
    if as_json:
        print_json([asdict(one) for one in waiting])
        return
    for one in waiting:
        typer.echo(f"{one.phone or one.email}  {one.said_at:%Y-%m-%d %H:%M} UTC  {one.said!r}")
    if not waiting:
        typer.echo("Nobody waits for a decision.")


def leave(phone: Phone, sequence: Sequence = None, reason: Reason = "", db: Db = None) -> None:
    """End what a lead is in, or one sequence of it.

    Example: dripline exit 60123456789 --sequence "Warm EXAMA" --reason "bought in the shop"
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        ended = drip.leads.exit(sequence=sequence, reason=reason, **who(phone))
    typer.echo(f"{ended} enrollments of {phone} ended.")


def receive(
    phone: Phone, text: Annotated[str, typer.Argument(metavar="TEXT", help="What the lead wrote.")], db: Db = None
) -> None:
    """Take in what a lead wrote: a stop word bars it for good, anything else is a reply.

    What may ask to stop waits for a person (dripline maybe-stopped); START takes back a stop word of the lead's own.

    Example: dripline receive 60123456789 BERHENTI
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        received = drip.inbox.receive(text, **who(phone))
    barred = f"Nothing is sent to {phone} any more; " if received.stopped else ""
    held = "It may ask to stop: see dripline maybe-stopped; " if received.held else ""
    allowed = f"{phone} may be sent to again; " if received.allowed else ""
    typer.echo(f"{barred}{held}{allowed}{received.ended} enrollments ended, {received.paused} paused.")


def untrigger(
    phone: Phone, trigger: Annotated[str, typer.Argument(metavar="TRIGGER", help="The trigger.")], db: Db = None
) -> None:
    """Take a trigger from a lead; sequences with on_trigger_lost: exit end for it.

    Example: dripline untrigger 60123456789 WARMEXAMA
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        ended = drip.leads.remove_trigger(trigger, **who(phone))
    typer.echo(f"{phone} no longer has {trigger.strip().upper()}; {ended} enrollments ended.")


def forget(phone: Phone, db: Db = None) -> None:
    """Delete a lead and all that is stored of it. What bars its addresses stays.

    Example: dripline forget 60123456789
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        many = drip.leads.forget(**who(phone))
    typer.echo(f"{many} leads deleted.")
    if not many:
        raise typer.Exit(1)


def suppressions(db: Db = None, as_json: Json = False) -> None:
    """List the addresses that nothing is sent to, and why.

    Example: dripline suppressions --db shop.db
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        barred = list(drip.leads.suppressions())
    if as_json:
        print_json([asdict(one) for one in barred])
        return
    for one in barred:
        typer.echo(f"{one.address}  {one.suppressed_at:%Y-%m-%d %H:%M} UTC  {one.reason}")
    if not barred:
        typer.echo("Nobody is barred.")


def _lead(lead: str | None) -> Who:
    return {} if lead is None else who(lead)


def _named(sequence: str | None, lead: str | None, sender: str | None) -> str:
    named = [
        f"the {what} {name}" for what, name in (("sender", sender), ("lead", lead), ("sequence", sequence)) if name
    ]
    return " in ".join(named) or "everything"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _refuse_mixed(sender: str | None, *others: str | None) -> None:
    if sender is not None and any(others):
        raise InvalidInput("A sender is paused and resumed alone: leave out --sequence and --lead.")
