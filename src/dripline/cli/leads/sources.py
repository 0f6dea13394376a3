"""Sources of leads: `dripline sources`, who hands leads in by posts of their own."""

from dataclasses import asdict
from typing import Annotated

import typer

from dripline.cli.support.command_groups import is_for_a_command
from dripline.cli.support.options import Db, Json
from dripline.core.leads.source import LeadSource, NewSource

sources = typer.Typer(help="Websites and programs that hand leads in by POST /intake/NAME.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name, a part of its URL, such as website.")]


@sources.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List who hands leads in.

    Example: dripline sources --db shop.db
    """
    if is_for_a_command(context):
        return
    from rich.console import Console
    from rich.table import Table

    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        found = drip.sources.all()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        typer.echo("There are no lead sources: dripline sources add website --trigger WARMEXAMA")
        return
    table = Table("source", "triggers", "keeps", "posts", "last")
    for one in found:
        last = f"{one.used_at:%Y-%m-%d %H:%M} UTC" if one.used_at else "never"
        table.add_row(one.name, _triggers(one), " ".join(one.attributes), str(one.taken), last)
    Console(highlight=False, markup=False).print(table)


@sources.command()
def add(
    name: Name,
    triggers: Annotated[
        list[str] | None,
        typer.Option("--trigger", metavar="T", help="What each of its leads gains; as often as needed."),
    ] = None,
    names_triggers: Annotated[
        bool, typer.Option("--names-triggers", help="Let it name others: not for what anybody can post from.")
    ] = False,
    keeps: Annotated[
        list[str] | None, typer.Option("--keep", metavar="ATTRIBUTE", help="An attribute to keep of its leads.")
    ] = None,
    return_url: Annotated[
        str | None, typer.Option("--return-url", metavar="URL", help="Where a browser goes after a form.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Let a website or a program hand leads in, and show what it proves itself by, this once.

    Example: dripline sources add website --trigger WARMEXAMA --keep niche
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        made = drip.sources.create(
            name, triggers=triggers or [], names_triggers=names_triggers, keeps=keeps or [], return_url=return_url
        )
    _show_proofs(made, as_json=as_json)


@sources.command()
def drop(name: Name, db: Db = None) -> None:
    """Take nothing more from a source, for good; its leads stay.

    Example: dripline sources drop website
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        dropped = drip.sources.drop(name)
    said = f"The source {name} is deleted; its leads stay." if dropped else f"There is no source {name}."
    typer.echo(said, err=not dropped)
    if not dropped:
        raise typer.Exit(1)


def _triggers(source: LeadSource) -> str:
    return " ".join([*source.triggers, *(["and what it names"] if source.names_triggers else [])])


def _show_proofs(made: NewSource, *, as_json: bool) -> None:
    from dripline.cli.support.session import print_json

    if as_json:
        print_json({"source": asdict(made.source), "key": made.key, "secret": made.secret})
        return
    typer.echo(f"It posts to /intake/{made.source.name}?key={made.key}")
    typer.echo(f"or signs its posts with {made.secret}" if made.secret else "Signed posts need DRIPLINE_WEB_SECRET.")
    typer.echo("This is shown only once.")
