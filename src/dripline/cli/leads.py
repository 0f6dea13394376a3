"""Leads: `dripline import`."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dripline.app import Dripline
from dripline.cli.options import Db, Json
from dripline.cli.progress import reading
from dripline.core.model import NewLead
from dripline.importing.leads_file import LeadList, RefusedRow, open_leads
from dripline.importing.refused import RefusedFile
from dripline.store.store import Intake

BATCH = 1_000
"""How many leads are written in one transaction."""

LISTED = 20
"""How many refused rows are listed; the file has them all."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What an import has done so far."""

    good: int = field(default=0, kw_only=True)
    without_trigger: int = field(default=0, kw_only=True)
    intake: Intake = field(default=Intake(), kw_only=True)
    refused: tuple[RefusedRow, ...] = field(default=(), kw_only=True)
    idle_triggers: tuple[str, ...] = field(default=(), kw_only=True)


def import_leads(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A lead list, CSV or Excel (.xlsx).")],
    db: Db = None,
    trigger: Annotated[str | None, typer.Option("--trigger", metavar="T", help="A trigger for every lead.")] = None,
    without_trigger: Annotated[
        bool, typer.Option("--without-trigger", help="Take a list that has no trigger column; nobody is enrolled.")
    ] = False,
    refused: Annotated[
        Path | None, typer.Option("--refused", metavar="FILE", help="Where refused rows go; else beside the list.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and write nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if any row was refused.")] = False,
    as_json: Json = False,
) -> None:
    """Import leads from a list; each is enrolled at once in what its triggers start.

    Good rows go in. Refused ones are listed with row, value and reason, and written to a file that can be corrected
    and imported again. Importing the same list again changes nothing.

    Example: dripline import leads.csv --db shop.db
    """
    from dripline.cli.opening import open_dripline, print_json
    from dripline.settings import Settings

    with open_leads(file, region=Settings.load().region, trigger=trigger, allow_no_trigger=without_trigger) as leads:
        if dry_run:
            tally, kept = _read(leads, None, None), None
        else:
            with RefusedFile(leads, refused) as kept, open_dripline(db) as drip:
                tally = replace(_read(leads, drip, kept), idle_triggers=tuple(drip.idle_triggers()))
    written = kept.path if kept is not None and kept.count else None
    if as_json:
        print_json(_as_object(tally, written))
    else:
        _print(tally, written, dry_run=dry_run)
    if strict and tally.refused:
        raise typer.Exit(1)


def _read(leads: LeadList, drip: Dripline | None, kept: RefusedFile | None) -> Tally:
    """Read the whole list, writing what is good batch by batch; without `drip`, only check it."""
    tally, batch = Tally(), list[NewLead]()
    for row in reading(leads, leads.path.name, lambda: leads.progress):
        if isinstance(row, RefusedRow):
            tally = replace(tally, refused=(*tally.refused, row))
            if kept is not None:
                kept.write(row)
            continue
        batch.append(row.lead)
        tally = replace(tally, good=tally.good + 1, without_trigger=tally.without_trigger + (not row.lead.triggers))
        if len(batch) == BATCH:
            tally, batch = _flushed(tally, batch, drip), []
    return _flushed(tally, batch, drip)


def _flushed(tally: Tally, batch: list[NewLead], drip: Dripline | None) -> Tally:
    if drip is None or not batch:
        return tally
    new, so_far = drip.add_leads(batch), tally.intake
    total = Intake(
        added=so_far.added + new.added, updated=so_far.updated + new.updated, enrolled=so_far.enrolled + new.enrolled
    )
    return replace(tally, intake=total)


def _print(tally: Tally, written: Path | None, *, dry_run: bool) -> None:
    console = Console(highlight=False, markup=False)
    if tally.refused:
        table = Table("row", "column", "value", "reason", title=f"{len(tally.refused)} rows refused")
        for row in tally.refused[:LISTED]:
            table.add_row(str(row.number), row.column, row.value, row.reason)
        console.print(table)
        if len(tally.refused) > LISTED:
            console.print(f"… and {len(tally.refused) - LISTED} more.")
    if written is not None:
        console.print(f"Refused rows are in {written}: correct them there and import that file.", soft_wrap=True)
    if tally.idle_triggers:
        idle = ", ".join(tally.idle_triggers)
        console.print(f"No sequence starts on {idle}: apply one, and its leads are enrolled.", soft_wrap=True)
    intake, rows = tally.intake, tally.good
    if dry_run:
        console.print(f"{rows} good rows, {tally.without_trigger} of them without a trigger. Nothing written.")
        return
    console.print(
        f"{rows} good rows: {intake.added} leads added, {intake.updated} updated, {intake.enrolled} enrolled;"
        f" {tally.without_trigger} rows have no trigger.",
        soft_wrap=True,
    )


def _as_object(tally: Tally, written: Path | None) -> dict[str, object]:
    refused = [
        {"row": row.number, "column": row.column, "value": row.value, "reason": row.reason} for row in tally.refused
    ]
    return {
        "good": tally.good,
        "without_trigger": tally.without_trigger,
        "added": tally.intake.added,
        "updated": tally.intake.updated,
        "enrolled": tally.intake.enrolled,
        "idle_triggers": tally.idle_triggers,
        "refused": refused,
        "refused_file": None if written is None else str(written),
    }
