"""A lead's thread as a conversation: `dripline thread`."""

from dataclasses import asdict
from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json, Phone
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.queries.listing import PAGE_SIZE
from dripline.core.records.why import by_clock_of
from dripline.core.views.thread import EntryKind, LeadThread, ThreadEntry

_SIDE = {EntryKind.WROTE: "<", EntryKind.SENT: ">", EntryKind.HAPPENED: "*", EntryKind.PLANNED: "…"}


def thread(
    phone: Phone,
    size: Annotated[int, typer.Option("--size", help="How many entries, at most 200.")] = PAGE_SIZE,
    cursor: Annotated[
        str | None, typer.Option("--before", metavar="CURSOR", help="The page before, as the last one named it.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show what a lead was sent, what it wrote and what happened, as one conversation, and what is planned.

    Exits 1 if nobody has that address.

    Example: dripline thread 60123456789
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        threads = drip.leads.thread(**lead_ref(phone), cursor=cursor, size=size)
    if as_json:
        print_json([asdict(one) for one in threads])
    for one in [] if as_json else threads:
        _print(one)
    if not threads:
        typer.echo(f"No lead has the address {phone}: check it, or import the lead.", err=True)
        raise typer.Exit(1)


def _print(shown: LeadThread) -> None:
    lead = shown.lead
    typer.echo(" · ".join(filter(None, (lead.name, lead.phone, lead.email))))
    if shown.earlier is not None:
        typer.echo(f"Earlier: dripline thread {lead.phone or lead.email} --before {shown.earlier}")
    for entry in (*shown.entries, *shown.planned):
        at = "not by itself" if entry.at is None else by_clock_of(shown.zone, entry.at)
        typer.echo(f"{_SIDE[entry.kind]} {at}  {_words(entry)}")


def _words(entry: ThreadEntry) -> str:
    match entry.kind:
        case EntryKind.WROTE:
            kind = "" if entry.text else f"({entry.message_kind})"
            because = "" if entry.reason is None else f" [{entry.message_class}: {entry.reason}]"
            return f"{entry.text or kind}{because}"
        case EntryKind.HAPPENED:
            parts = (str(entry.what).replace("_", " "), entry.sequence, entry.trigger, entry.by and f"by {entry.by}")
            because = "" if entry.reason is None else f": {entry.reason}"
            return f"{' '.join(filter(None, parts))}{because}"
        case EntryKind.SENT | EntryKind.PLANNED:
            step = f"{entry.sequence}, step {entry.step}"
            because = "" if entry.reason is None else f": {entry.reason}"
            return f"{step} ({entry.state}{because})\n    {entry.text or ''}".rstrip()
