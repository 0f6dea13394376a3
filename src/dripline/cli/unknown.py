"""Unknown records: `dripline unknown`, and deciding about one."""

from dataclasses import asdict
from typing import Annotated

import typer

from dripline.app import Dripline
from dripline.cli.options import Db, Json
from dripline.errors import InvalidInput

unknown = typer.Typer(help="Messages of which nobody knows whether they went.", rich_markup_mode=None)

Record = Annotated[
    int | None, typer.Argument(metavar="RECORD", help="The record's id, as dripline unknown lists it; or --all.")
]
All = Annotated[bool, typer.Option("--all", help="All that wait for somebody, instead of one record.")]
Of = Annotated[str | None, typer.Option("--sequence", metavar="NAME", help="With --all: those of one sequence.")]


@unknown.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List the messages of which nobody knows whether they went; those that wait for a person first.

    Example: dripline unknown --db shop.db
    """
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Table

    from dripline.cli.opening import open_existing, print_json

    with open_existing(db) as drip:
        records = drip.unknown()
    if as_json:
        print_json([asdict(record) for record in records])
        return
    if not records:
        typer.echo("Nothing is unknown.")
        return
    table = Table("record", "sequence", "step", "to", "tried", "stands")
    for record in records:
        stands = "waits for an answer or for you" if record.waits else "the sequence went on without it"
        tried = f"{record.tried_at:%Y-%m-%d %H:%M:%S} UTC"
        to = f"{record.name} {record.address}".strip()
        table.add_row(str(record.record_id), record.sequence, str(record.step), to, tried, f"{stands}: {record.reason}")
    Console(highlight=False, markup=False).print(table)


@unknown.command()
def sent(record: Record = None, every: All = False, sequence: Of = None, db: Db = None) -> None:
    """Say that you know it to have gone: it is completed, and its sequence goes on.

    Example: dripline unknown sent 4411137013242547
    """
    from dripline.cli.opening import open_existing

    with open_existing(db) as drip:
        if record is None:
            typer.echo(f"{_settled(drip, every, sequence, went=True)} records are completed.")
            return
        confirmed = drip.confirm_sent(record)
    _tell(
        record, done=confirmed, deed="is completed", otherwise="is not unknown: see dripline unknown for those that are"
    )


@unknown.command()
def resend(record: Record = None, every: All = False, sequence: Of = None, db: Db = None) -> None:
    """Say that you know it not to have gone: it is sent again at the next pass.

    Example: dripline unknown resend 4411137013242547
    """
    from dripline.cli.opening import open_existing

    with open_existing(db) as drip:
        if record is None:
            typer.echo(f"{_settled(drip, every, sequence, went=False)} records are due again.")
            return
        due = drip.send_again(record)
    _tell(
        record, done=due, deed="is due again", otherwise="is not waited for: its sequence went on, or it is not unknown"
    )


def _settled(drip: Dripline, every: bool, sequence: str | None, *, went: bool) -> int:
    if not every:
        raise InvalidInput("No record is named: give its id, or --all for all that wait for somebody.")
    return drip.settle_unknown(went=went, sequence=sequence)


def _tell(record: int, *, done: bool, deed: str, otherwise: str) -> None:
    typer.echo(f"Record {record} {deed if done else otherwise}.", err=not done)
    if not done:
        raise typer.Exit(1)
