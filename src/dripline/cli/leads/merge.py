"""Two leads that are one person: `dripline merge`."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json
from dripline.core.leads.attribute import written
from dripline.core.leads.lead import Lead
from dripline.core.leads.merge import Merge


def merge(
    one: Annotated[str, typer.Argument(metavar="PHONE", help="A lead's phone, or e-mail address.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other lead's phone, or e-mail address.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be merged, and change nothing.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Make two leads one: the older stays, with the triggers, runs, notes and messages of both.

    Where both are in a sequence, or in one of its group, the run that is further on stays, and the other ends. The
    phone and the e-mail address of the older are the ones that messages go to; it is known by the other's as well.

    Example: dripline merge 60123456789 aina@example.com --dry-run
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        done = drip.leads.plan_merge(one, other) if dry_run else drip.leads.merge(one, other)
    if as_json:
        print_json(asdict(done))
        return
    for line in _lines(done, is_planned=dry_run):
        typer.echo(line)


def _lines(merge: Merge, *, is_planned: bool) -> Iterator[str]:
    verb = "would become" if is_planned else "became"
    survivor, gone = (f"lead {lead.id} ({_addresses(lead)})" for lead in (merge.kept, merge.gone))
    yield f"{gone.capitalize()} {verb} part of {survivor}."
    yield f"It {'would have' if is_planned else 'has'}: {_addresses(merge.result)}{_more(merge.result)}"
    if merge.others:
        yield f"Also known by, and sent nothing at: {', '.join(merge.others)}"
    yield from (f"{sentence[0].upper()}{sentence[1:]}." for sentence in merge.ending)


def _addresses(lead: Lead) -> str:
    return ", ".join(filter(None, (lead.phone, lead.email)))


def _more(lead: Lead) -> str:
    fields = [lead.name, *(f"{name}: {written(value)}" for name, value in sorted(lead.attributes.items()))]
    text = ", ".join(filter(None, fields))
    return f", {text}" if text else ""
