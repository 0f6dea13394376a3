"""Leaving and pausing: `dripline pause`, `resume`, `stop`, `allow`, `exit`, `receive`, `untrigger`, `forget`."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json, Phone
from dripline.config.settings import Settings
from dripline.core.leads.lead_ref import LeadRef, lead_ref
from dripline.core.text import counted
from dripline.errors import InvalidInput
from dripline.importing.leads.opt_outs_file import read_opt_outs

Sequence = Annotated[str | None, typer.Option("--sequence", metavar="NAME", help="One sequence.")]
Lead = Annotated[str | None, typer.Option("--lead", metavar="PHONE", help="One lead, by phone or e-mail address.")]
Sender = Annotated[str | None, typer.Option("--sender", metavar="NAME", help="One sender.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]

_EVERYTHING = "everything"


def pause(
    sequence: Sequence = None,
    lead: Lead = None,
    sender: Sender = None,
    reason: Reason = "",
    db: Db = None,
) -> None:
    """Pause everything, or a sequence, a lead, one enrollment of a lead, or a sender; from the next message on.

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
    already = f"Nothing to pause: {what} is already paused, or not active."
    typer.echo(f"{_capital(what)} is paused." if touched else already)


def resume(
    sequence: Sequence = None,
    lead: Lead = None,
    sender: Sender = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Resume what was paused. Prints first what will happen to everything that is due, then does exactly that.

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
        typer.echo(f"{_capital(what)} is resumed." if touched else _not_paused(what))


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
    """Stop messages to a person for good, even if a later import lists them again, and end their enrollments.

    With --file, everyone in a list: all of it or none. Its columns phone, email, address and reason are read, else
    its first one; the output of dripline suppressions is read as well.

    Example: dripline stop 60123456789
    """
    from dripline.cli.support.session import open_existing

    if (phone is None) is (file is None):
        raise InvalidInput("Name one person, or a list of them with --file.")
    opt_outs = () if file is None else read_opt_outs(file, region=Settings.load().region)
    with open_existing(db) as drip:
        if phone is not None:
            ended = drip.opt_out(reason=reason, **lead_ref(phone))
        else:
            ended = drip.leads.opt_out_all(one if one.reason else replace(one, reason=reason) for one in opt_outs)
    named = phone or f"the {counted(len(opt_outs), 'address', 'addresses')} in {file}"
    typer.echo(f"Nothing is sent to {named} any more; {counted(ended, 'enrollment')} ended.")


Allowed = Annotated[
    str | None, typer.Argument(metavar="PHONE", help="The lead's phone, however it is written, or e-mail address.")
]
AllowedFile = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="A list instead: CSV, Excel, JSON or text with an address a line."),
]


def allow(
    phone: Allowed = None,
    file: AllowedFile = None,
    db: Db = None,
) -> None:
    """Allow messages again to a person who asked for it, or to everyone in a list. Ended enrollments stay ended.

    A list is applied whole or not at all; the output says how many of its people had asked to stop themselves.

    Example: dripline allow 60123456789
    """
    from dripline.cli.support.session import open_existing

    if (phone is None) is (file is None):
        raise InvalidInput("Name one person, or a list of them with --file.")
    listed = () if file is None else read_opt_outs(file, region=Settings.load().region)
    with open_existing(db) as drip:
        if phone is not None:
            lifted = drip.opt_in(**lead_ref(phone))
            typer.echo(f"{phone} may be sent to again." if lifted else f"{phone} was not suppressed.")
            return
        allowed = drip.leads.opt_in_all(one.address for one in listed)
    typer.echo(
        f"{allowed.people} of {len(listed)} were suppressed and may be sent to again; {allowed.own} of them had "
        "asked to stop themselves: make sure that they have agreed to get messages again."
    )


def maybe_stopped(db: Db = None, as_json: Json = False) -> None:
    """List the leads that may have asked to stop. Nothing is sent to them until you decide.

    dripline stop PHONE stops messages for good, dripline resume --lead PHONE resumes them.

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
        typer.echo("No leads are waiting for a decision.")


def leave(phone: Phone, sequence: Sequence = None, reason: Reason = "", db: Db = None) -> None:
    """End a lead's enrollments, or its enrollment in one sequence.

    Example: dripline exit 60123456789 --sequence "Warm EXAMA" --reason "bought in the shop"
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        ended = drip.leads.exit(sequence=sequence, reason=reason, **lead_ref(phone))
    typer.echo(f"{counted(ended, 'enrollment')} of {phone} ended.")


def receive(
    phone: Phone, text: Annotated[str, typer.Argument(metavar="TEXT", help="What the lead wrote.")], db: Db = None
) -> None:
    """Process what a lead wrote: a stop word opts the lead out for good, anything else is a reply.

    A text that may mean stop waits for a person (dripline maybe-stopped); START undoes the lead's own stop word.

    Example: dripline receive 60123456789 BERHENTI
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        received = drip.inbox.receive(text, **lead_ref(phone))
    notice = f"Nothing is sent to {phone} any more; " if received.stopped else ""
    held = "It may ask to stop: see dripline maybe-stopped; " if received.held else ""
    allowed = f"{phone} may be sent to again; " if received.allowed else ""
    typer.echo(f"{notice}{held}{allowed}{counted(received.ended, 'enrollment')} ended, {received.paused} paused.")


def untrigger(
    phone: Phone, trigger: Annotated[str, typer.Argument(metavar="TRIGGER", help="The trigger.")], db: Db = None
) -> None:
    """Remove a trigger from a lead; sequences with on_trigger_lost: exit end for it.

    Example: dripline untrigger 60123456789 WARMEXAMA
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        ended = drip.leads.remove_trigger(trigger, **lead_ref(phone))
    typer.echo(f"{phone} no longer has {trigger.strip().upper()}; {counted(ended, 'enrollment')} ended.")


def forget(phone: Phone, db: Db = None) -> None:
    """Delete a lead and everything stored about it. Its suppressions stay.

    Example: dripline forget 60123456789
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        count = drip.leads.forget(**lead_ref(phone))
    typer.echo(f"{counted(count, 'lead')} deleted.")
    if not count:
        raise typer.Exit(1)


def suppressions(db: Db = None, as_json: Json = False) -> None:
    """List the suppressed addresses, to which nothing is sent, and why.

    Example: dripline suppressions --db shop.db
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        found = list(drip.leads.suppressions())
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        typer.echo(f"{one.address}  {one.suppressed_at:%Y-%m-%d %H:%M} UTC  {one.reason}")
    if not found:
        typer.echo("No addresses are suppressed.")


def _lead(lead: str | None) -> LeadRef:
    return {} if lead is None else lead_ref(lead)


def _named(sequence: str | None, lead: str | None, sender: str | None) -> str:
    named = [
        f"the {what} {name}" for what, name in (("sender", sender), ("lead", lead), ("sequence", sequence)) if name
    ]
    return " in ".join(named) or _EVERYTHING


def _not_paused(what: str) -> str:
    return "Nothing was paused." if what == _EVERYTHING else f"{_capital(what)} was not paused."


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _refuse_mixed(sender: str | None, *others: str | None) -> None:
    if sender is not None and any(others):
        raise InvalidInput("A sender is paused and resumed alone: leave out --sequence and --lead.")
