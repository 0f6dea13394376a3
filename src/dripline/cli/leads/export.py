"""Exports: `dripline export`."""

from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.support.file_output import write_lines
from dripline.cli.support.options import Db
from dripline.core.text import counted


def export(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where it goes; else it is printed.")
    ] = None,
    trigger: Annotated[str | None, typer.Option("--trigger", metavar="T", help="Only leads that have it.")] = None,
    db: Db = None,
) -> None:
    """Write all leads as CSV, with their triggers and attributes; that file can be imported again.

    Example: dripline export --out leads.csv --db shop.db
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        lines = write_lines(drip.leads.export(trigger=trigger), out)
    if out is not None:
        typer.echo(f"{counted(lines - 1, 'lead')} written to {out}.")
