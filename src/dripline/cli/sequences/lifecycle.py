"""Sequences as a list, and what a person does to one beside changing it: `dripline sequences`."""

from dataclasses import asdict
from typing import Annotated

import typer

from dripline.cli.support.command_groups import is_for_a_command
from dripline.cli.support.options import Db, Json
from dripline.core.planning.sequence_life import InFlight
from dripline.core.text import counted, start_now
from dripline.errors import InvalidSequence

sequences = typer.Typer(help="Sequences: list, rename, archive and delete them.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The sequence's name.")]
End = Annotated[bool, typer.Option("--end", help="End the runs of the leads who are in it.")]


@sequences.callback(invoke_without_command=True)
def show_all(
    context: typer.Context,
    db: Db = None,
    archived: Annotated[bool, typer.Option("--archived", help="List the archived ones.")] = False,
    as_json: Json = False,
) -> None:
    """List every sequence with its trigger, its version and its steps; archived ones only where they are asked for.

    Example: dripline sequences --archived
    """
    if is_for_a_command(context):
        return
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        states = drip.sequences.archived() if archived else drip.sequences.all()
    if as_json:
        columns = ("name", "trigger", "channel")
        print_json(
            [
                {of: getattr(one.sequence, of) for of in columns}
                | {"version": one.version, "steps": len(one.sequence.steps)}
                | {"paused_at": one.paused_at, "archived_at": one.archived_at}
                for one in states
            ]
        )
        return
    for one in states:
        stands = ", paused" if one.paused_at else ""
        steps = len(one.sequence.steps)
        typer.echo(
            f"{one.sequence.name}: starts on {one.sequence.trigger}, version {one.version}, {steps} "
            f"{'step' if steps == 1 else 'steps'}{stands}"
        )
    if not states:
        typer.echo("There are no archived sequences." if archived else "There are no sequences: apply one from a file.")


@sequences.command()
def rename(name: Name, new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")], db: Db = None) -> None:
    """Give a sequence another name. Who is in it goes on, and what it sent stays with it.

    Example: dripline sequences rename "Warm EXMA" "Warm EXAMA"
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        renamed = drip.sequences.rename(name, new)
    typer.echo(f"{name} is now called {new}: no lead moves." if renamed else f"{name} already has that name.")


@sequences.command()
def archive(
    name: Name,
    db: Db = None,
    end: End = False,
    finish: Annotated[bool, typer.Option("--finish", help="Let the leads who are in it come to its end.")] = False,
) -> None:
    """Retire a sequence: nobody starts it, its trigger is free, and it leaves the lists. What it sent stays.

    Example: dripline sequences archive "Warm EXAMA" --finish
    """
    from dripline.cli.support.session import open_existing

    if end and finish:
        raise InvalidSequence("Their runs cannot end and come to their end: choose --end or --finish.")
    choice = InFlight.END if end else InFlight.FINISH if finish else None
    with open_existing(db) as drip:
        count = drip.sequences.archive(name, in_flight=choice)
    became = "left it" if end else "go on to its end"
    typer.echo(f"{name} is archived: {counted(count, 'lead')} who were in it {became}.")


@sequences.command()
def unarchive(name: Name, db: Db = None) -> None:
    """Let an archived sequence start on its trigger again.

    Example: dripline sequences unarchive "Warm EXAMA"
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        enrolled = drip.sequences.unarchive(name)
    typer.echo(f"{name} is restored: {counted(enrolled, 'lead')} enrolled.")


@sequences.command()
def delete(name: Name, db: Db = None, end: End = False) -> None:
    """Delete a sequence for good. What it sent stays readable under its name with a mark; its name is free.

    Example: dripline sequences delete "Try-out" --end
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        stays = drip.sequences.delete(name, in_flight=InFlight.END if end else None)
    typer.echo(f"{name} is deleted; {'what it sent stays readable' if stays else 'it had sent nothing'}.")


@sequences.command()
def rename_trigger(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The trigger.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What it is called from now on.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Rename a trigger wherever it is named: of leads, of sequences (start, goal, then) and of sources of leads.

    Example: dripline sequences rename-trigger WARMEXMA WARMEXAMA
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        renamed = drip.sequences.rename_trigger(old, new)
    if as_json:
        print_json(asdict(renamed))
    else:
        typer.echo(
            f"{old} is {new} now: in {counted(renamed.sequences, 'sequence')}, {counted(renamed.leads, 'lead')} and "
            f"{counted(renamed.sources, 'source')}. {start_now(renamed.enrolled)}."
        )
