"""Imports: `dripline imports`, and taking one back."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.support.command_groups import is_for_a_command
from dripline.cli.support.options import Db, Json
from dripline.core.leads.import_undo import ImportUndo
from dripline.core.text import counted
from dripline.core.views.imports import Import

imports = typer.Typer(help="The lists that came in, and taking one back.", rich_markup_mode=None)

Number = Annotated[int, typer.Argument(metavar="IMPORT", help="The import's number, as dripline imports lists it.")]


@imports.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List the lists that came in, the latest first: how far each came and what it did.

    Example: dripline imports --db shop.db
    """
    if is_for_a_command(context):
        return
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        found = drip.imports.latest()
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        _print(found)
    else:
        typer.echo("There are no imports yet.")


@imports.command()
def undo(
    number: Number,
    db: Db = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken back, and do nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Take back what an import did, and only that; nothing that was sent is forgotten.

    Leads that it added are deleted, unless they were sent something, wrote, or were changed since. Others stay, lose
    the triggers that it gave them, and get back what it changed. What it enrolled ends.

    Example: dripline imports undo 3 --dry-run
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        undoing = drip.imports.plan_undo(number) if dry_run else drip.imports.undo(number)
    if as_json:
        print_json(asdict(undoing))
        return
    for line in _lines(undoing):
        typer.echo(line)
    if dry_run:
        typer.echo("Nothing was written.")


@imports.command()
def refused(
    number: Number,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where they go; else they are printed.")
    ] = None,
    db: Db = None,
) -> None:
    """Write the rows that an import refused as CSV, each with its reason, to be corrected and imported again.

    Example: dripline imports refused 3 --out again.csv
    """
    from dripline.cli.support.file_output import write_lines
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        write_lines(drip.imports.refused_csv(number), out)


def _print(found: list[Import]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(Column("import", no_wrap=True), "list", "began", "state", "did")
    for one in found:
        stands = f"{one.state}, {one.percent} %" if one.finished_at is None else str(one.state)
        stands = f"{stands}: {one.problem}" if one.problem else stands
        did = f"{one.added} added, {one.updated} updated, {one.enrolled} enrolled, {one.refused} refused"
        did = f"{did}; {one.removed} deleted again" if one.removed else did
        table.add_row(str(one.id), one.name, f"{one.started_at:%Y-%m-%d %H:%M} UTC", stands, did)
    Console(highlight=False, markup=False).print(table)


def _lines(undoing: ImportUndo) -> list[str]:
    stay = [f"  {count}: {reason}" for reason, count in undoing.stays.items()]
    return [
        f"{counted(undoing.removed, 'lead')} deleted, {sum(undoing.stays.values())} stay{':' if stay else '.'}",
        *stay,
        f"{counted(undoing.ended, 'enrollment')} ended.",
        f"{counted(undoing.restored, 'lead')} got back what the import changed; {undoing.kept} keep it, changed since.",
    ]
