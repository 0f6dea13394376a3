"""Leads: `dripline import`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dripline.app import Dripline
from dripline.cli.support.options import Db, Delimiter, Encoding, HeaderRow, Json, Migrate, Sheet, check_migrate
from dripline.cli.support.progress import filling, reading
from dripline.config.settings import Settings
from dripline.core.leads.phone import DEFAULT_REGION
from dripline.core.leads.rejected_row import RefusedRow
from dripline.core.text import counted
from dripline.core.views.imports import Import
from dripline.errors import DatabaseMissing
from dripline.importing.leads.known_before import NOTHING_KNOWN, KnownBefore
from dripline.importing.leads.lead_row import CellNote
from dripline.importing.leads.leads_file import LeadList, open_leads
from dripline.importing.leads.mapping import read_choice
from dripline.importing.leads.rejected_rows import RefusedFile
from dripline.importing.leads.upload import ImportOptions, Upload
from dripline.importing.reading import Reading

if TYPE_CHECKING:  # JSON needs no tables
    from rich.console import Console

LISTED = 20
"""How many refused rows are listed; the file has them all."""

WHO = "the command line"
"""Who imports."""


@dataclass(slots=True)
class _Report:
    """What is told of single rows: those that are refused, and what was done about cells of others."""

    refused: list[RefusedRow] = field(default_factory=list[RefusedRow])
    notes: list[CellNote] = field(default_factory=list[CellNote])
    read_as: tuple[str, ...] = ()

    def refuse(self, row: RefusedRow) -> None:
        """Keep what is told of a refused row, without its cells: a large list may have millions."""
        self.refused.append(replace(row, cells=()))


WithoutTrigger = Annotated[
    bool, typer.Option("--without-trigger", help="Take a list that has no trigger column; nobody is enrolled.")
]
Mapped = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="WHAT=COLUMN", help="What a column holds: phone, name, attribute niche, …"),
]
Region = Annotated[
    str | None,
    typer.Option("--region", metavar="MY", help="The country of phones that name none; else that of the settings."),
]
RefusedTo = Annotated[
    Path | None, typer.Option("--refused", metavar="FILE", help="Where refused rows go; else beside the list.")
]


def import_leads(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A lead list: CSV, Excel (.xlsx) or vCard.")],
    db: Db = None,
    trigger: Annotated[str | None, typer.Option("--trigger", metavar="T", help="A trigger for every lead.")] = None,
    without_trigger: WithoutTrigger = False,
    columns: Mapped = None,
    region: Region = None,
    refused: RefusedTo = None,
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
    back. What --map says is kept for the next list with the same columns.

    Example: dripline import leads.csv --db shop.db --map phone="No. Telefon" --map "attribute niche=Minat"
    """
    check_migrate(migrate=migrate, dry_run=dry_run)
    options = ImportOptions(
        choices=tuple(map(read_choice, columns or ())),
        reading=Reading(encoding=encoding, delimiter=delimiter, sheet=sheet, header_row=header_row),
        trigger=trigger,
        region=region or Settings.load().region,
        without_trigger=without_trigger,
        who=WHO,
    )
    with _opened(db, file, options, migrate=migrate, dry_run=dry_run) as drip, _list(drip, file, options) as leads:
        if not as_json:
            _tell_columns(leads, are_given=bool(columns))
        if dry_run:
            refusals = _check(leads, as_json=as_json)
        else:
            with RefusedFile(leads, refused) as refused_file:
                refusals = _import(
                    drip,
                    Upload(file, str(file)),
                    options,
                    refused_file,
                    _Report(read_as=leads.found.read_as.notes),
                    as_json=as_json,
                )
    if strict and refusals:
        raise typer.Exit(1)


def _opened(db: str | None, file: Path, options: ImportOptions, *, migrate: bool, dry_run: bool) -> Dripline:
    """Open the database; one that is not there is made for a list that can be read, and for no other."""
    from dripline.cli.support.session import open_dripline, open_to_plan

    if dry_run:
        return open_to_plan(db)
    try:
        return open_dripline(db, create=False, migrate=migrate)
    except DatabaseMissing:
        _list(None, file, options).close()
        return open_dripline(db, migrate=migrate)


def _list(drip: Dripline | None, file: Path, options: ImportOptions) -> LeadList:
    return open_leads(
        file,
        region=options.region or DEFAULT_REGION,
        trigger=options.trigger,
        allow_no_trigger=options.without_trigger,
        choices=options.choices,
        reading=options.reading,
        known=NOTHING_KNOWN if drip is None else _known_to(drip),
    )


def _known_to(drip: Dripline) -> KnownBefore:
    return KnownBefore(drip.imports.kept_mapping, lambda phone: bool(drip.leads.with_address(phone=phone)))


def _tell_columns(leads: LeadList, *, are_given: bool) -> None:
    """Say how the file is read, and which columns are taken for what by names that are not ours.

    Nobody has to find that out afterwards.
    """
    for note in leads.found.read_as.notes:
        typer.echo(note)
    if leads.found.said is not None and not are_given:
        typer.echo("The columns are read as in the last list that had the same ones and was told what they are.")
    for attribute, column in leads.renamed.items():
        typer.echo(f"The column {column!r} is kept as {attribute}: no attribute can be named as it is.")
    for part, columns in leads.guessed.items():
        named = " and ".join(repr(" ".join(column.split())) for column in columns)
        typer.echo(f"The {part} is read from {named}. To read another column: --map {part}=COLUMN.")
    if leads.found.question:
        typer.echo(f"{leads.found.question} If the list is from there, pass --region and the two letters.")


def _check(leads: LeadList, *, as_json: bool) -> int:
    """Read a whole list and tell what is in it; returns how many rows it would refuse."""
    report, good, without_trigger, opted_out = _Report(read_as=leads.found.read_as.notes), 0, 0, 0
    for row in reading(leads, leads.path.name, lambda: leads.progress):
        if isinstance(row, RefusedRow):
            report.refuse(row)
        else:
            good += 1
            without_trigger += not row.lead.triggers
            opted_out += row.is_opted_out
            report.notes += row.notes
    if as_json:
        _print_object(None, report, good=good, without_trigger=without_trigger, opted_out=opted_out)
    else:
        from rich.console import Console

        console = Console(highlight=False, markup=False)
        _print_rows(console, report)
        _print_opted_out(console, opted_out)
        console.print(f"{counted(good, 'good row')}, {without_trigger} of them without a trigger. Nothing was written.")
    return len(report.refused)


def _import(
    drip: Dripline, upload: Upload, options: ImportOptions, refused_file: RefusedFile, report: _Report, *, as_json: bool
) -> int:
    """Bring a list in and tell what that did; returns how many rows were refused."""
    with filling(f"Reading {upload.path.name}") as fill:
        done = drip.imports.run(
            drip.imports.begin(upload, options),
            upload,
            options,
            on_progress=lambda so_far: fill(so_far.percent / 100),
            on_refused=_each(report.refuse, refused_file.write),
            on_note=report.notes.append,
        )
        idle = drip.leads.idle_triggers()
    written = str(refused_file.path) if refused_file.count else None
    if as_json:
        _print_object(
            done,
            report,
            good=done.rows - done.refused,
            without_trigger=done.without_trigger,
            opted_out=done.opted_out,
            idle=idle,
            written=written,
        )
    else:
        _print(done, report, idle, written)
    return len(report.refused)


def _each(*handlers: Callable[[RefusedRow], None]) -> Callable[[RefusedRow], None]:
    def tell(row: RefusedRow) -> None:
        for one in handlers:
            one(row)

    return tell


def _print(done: Import, report: _Report, idle: list[str], written: str | None) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    _print_rows(console, report)
    if written is not None:
        console.print(f"Rejected rows are in {written}: correct them there and import that file.", soft_wrap=True)
    if idle:
        console.print(
            f"No sequence starts on {', '.join(idle)}: apply one, and its leads are enrolled.", soft_wrap=True
        )
    _print_opted_out(console, done.opted_out)
    console.print(
        f"{done.rows - done.refused} good rows: {done.added} leads added, {done.updated} updated, {done.enrolled}"
        f" enrolled; {done.without_trigger} rows have no trigger.",
        soft_wrap=True,
    )
    if done.added or done.updated or done.enrolled:
        console.print(f"This was import {done.id}: dripline imports undo {done.id} undoes it.", soft_wrap=True)


def _print_rows(console: "Console", report: _Report) -> None:
    """Print the first of what was done about cells of good rows, and of the refused rows."""
    notes = [(note.number, note.column, note.value, note.text) for note in report.notes]
    refused = [(row.number, row.column, row.value, row.reason) for row in report.refused]
    for title, last, rows in (("{} notes", "what was done", notes), ("{} rows refused", "reason", refused)):
        if rows:
            from rich.table import Table

            table = Table("row", "column", "value", last, title=title.format(len(rows)))
            for number, column, value, text in rows[:LISTED]:
                table.add_row(str(number), column, value, text)
            console.print(table)
        if len(rows) > LISTED:
            console.print(f"… and {len(rows) - LISTED} more.")


def _print_opted_out(console: "Console", count: int) -> None:
    if count:
        console.print(f"{counted(count, 'row')} marked as opted out: nothing is sent to these people.")


def _print_object(
    done: Import | None,
    report: _Report,
    *,
    good: int,
    without_trigger: int,
    opted_out: int,
    idle: list[str] | None = None,
    written: str | None = None,
) -> None:
    from dripline.cli.support.session import print_json

    print_json(
        {
            "import": None if done is None else done.id,
            "good": good,
            "without_trigger": without_trigger,
            "opted_out": opted_out,
            "added": done.added if done else 0,
            "updated": done.updated if done else 0,
            "enrolled": done.enrolled if done else 0,
            "idle_triggers": idle or [],
            "read_as": report.read_as,
            "notes": [
                {"row": note.number, "column": note.column, "value": note.value, "note": note.text}
                for note in report.notes
            ],
            "refused": [
                {"row": row.number, "column": row.column, "value": row.value, "reason": row.reason}
                for row in report.refused
            ],
            "refused_file": written,
        }
    )
