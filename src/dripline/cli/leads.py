"""Leads: `dripline import`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dripline.app import Dripline
from dripline.cli.options import Db, Delimiter, Encoding, HeaderRow, Json, Migrate, Sheet, check_migrate
from dripline.cli.progress import filling, reading
from dripline.core.refused import RefusedRow
from dripline.importing.leads_file import LeadList, open_leads
from dripline.importing.reading import Reading
from dripline.importing.refused import RefusedFile
from dripline.importing.upload import ImportOptions, Upload
from dripline.store.imports import Import

LISTED = 20
"""How many refused rows are listed; the file has them all."""

WHO = "the command line"
"""Who imports."""


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
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    header_row: HeaderRow = None,
    migrate: Migrate = False,
    as_json: Json = False,
) -> None:
    """Import leads from a list; each is enrolled at once in what its triggers start.

    Good rows go in. Refused ones are listed with row, value and reason, and written to a file that can be corrected
    and imported again. Importing the same list again changes nothing. dripline imports lists what came in, and takes it
    back.

    Example: dripline import leads.csv --db shop.db
    """
    from dripline.cli.opening import open_dripline
    from dripline.settings import Settings

    check_migrate(migrate=migrate, dry_run=dry_run)
    region = Settings.load().region
    reading = Reading(encoding=encoding, delimiter=delimiter, sheet=sheet, header_row=header_row)
    with open_leads(file, region=region, trigger=trigger, allow_no_trigger=without_trigger, reading=reading) as leads:
        if not as_json:
            _tell_guessed(leads)
        if dry_run:
            refusals = _check(leads, as_json=as_json)
        else:
            options = ImportOptions(
                reading=reading, trigger=trigger, region=region, without_trigger=without_trigger, who=WHO
            )
            with RefusedFile(leads, refused) as kept, open_dripline(db, migrate=migrate) as drip:
                refusals = _import(drip, Upload(file, str(file)), options, kept, as_json=as_json)
    if strict and refusals:
        raise typer.Exit(1)


def _tell_guessed(leads: LeadList) -> None:
    """Say how the file is read, and which columns are taken for what by names that are not ours.

    Nobody has to find that out afterwards.
    """
    for note in leads.read_as.notes:
        typer.echo(note)
    for part, columns in leads.guessed.items():
        named = " and ".join(repr(" ".join(column.split())) for column in columns)
        typer.echo(f"The {part} is read from {named}. To read another column, name it {part}.")


def _check(leads: LeadList, *, as_json: bool) -> int:
    """Read a whole list and tell what is in it; returns how many rows it would refuse."""
    good = without_trigger = 0
    refused: list[RefusedRow] = []
    for row in reading(leads, leads.path.name, lambda: leads.progress):
        if isinstance(row, RefusedRow):
            refused.append(row)
        else:
            good += 1
            without_trigger += not row.lead.triggers
    if as_json:
        _print_object(None, refused, good=good, without_trigger=without_trigger)
    else:
        console = Console(highlight=False, markup=False)
        _print_refused(console, refused)
        console.print(f"{good} good rows, {without_trigger} of them without a trigger. Nothing written.")
    return len(refused)


def _import(drip: Dripline, upload: Upload, options: ImportOptions, kept: RefusedFile, *, as_json: bool) -> int:
    """Bring a list in and tell what that did; returns how many rows were refused."""
    refused: list[RefusedRow] = []
    with filling(f"Reading {upload.path.name}") as fill:
        done = drip.run_import(
            drip.begin_import(upload, options),
            upload,
            options,
            on_progress=lambda so_far: fill(so_far.percent / 100),
            on_refused=_each(refused.append, kept.write),
        )
        idle = drip.idle_triggers()
    written = str(kept.path) if kept.count else None
    if as_json:
        good = done.rows - done.refused
        _print_object(done, refused, good=good, without_trigger=done.without_trigger, idle=idle, written=written)
    else:
        _print(done, refused, idle, written)
    return len(refused)


def _each(*told: Callable[[RefusedRow], None]) -> Callable[[RefusedRow], None]:
    def tell(row: RefusedRow) -> None:
        for one in told:
            one(row)

    return tell


def _print(done: Import, refused: list[RefusedRow], idle: list[str], written: str | None) -> None:
    console = Console(highlight=False, markup=False)
    _print_refused(console, refused)
    if written is not None:
        console.print(f"Refused rows are in {written}: correct them there and import that file.", soft_wrap=True)
    if idle:
        console.print(
            f"No sequence starts on {', '.join(idle)}: apply one, and its leads are enrolled.", soft_wrap=True
        )
    console.print(
        f"{done.rows - done.refused} good rows: {done.added} leads added, {done.updated} updated, {done.enrolled}"
        f" enrolled; {done.without_trigger} rows have no trigger.",
        soft_wrap=True,
    )
    if done.added or done.updated or done.enrolled:
        console.print(f"This was import {done.id}: dripline imports undo {done.id} takes it back.", soft_wrap=True)


def _print_refused(console: Console, refused: list[RefusedRow]) -> None:
    if not refused:
        return
    table = Table("row", "column", "value", "reason", title=f"{len(refused)} rows refused")
    for row in refused[:LISTED]:
        table.add_row(str(row.number), row.column, row.value, row.reason)
    console.print(table)
    if len(refused) > LISTED:
        console.print(f"… and {len(refused) - LISTED} more.")


def _print_object(
    done: Import | None,
    refused: list[RefusedRow],
    *,
    good: int,
    without_trigger: int,
    idle: list[str] | None = None,
    written: str | None = None,
) -> None:
    from dripline.cli.opening import print_json

    print_json(
        {
            "import": None if done is None else done.id,
            "good": good,
            "without_trigger": without_trigger,
            "added": done.added if done else 0,
            "updated": done.updated if done else 0,
            "enrolled": done.enrolled if done else 0,
            "idle_triggers": idle or [],
            "refused": [
                {"row": row.number, "column": row.column, "value": row.value, "reason": row.reason} for row in refused
            ],
            "refused_file": written,
        }
    )
