"""Notes on a lead: `dripline note`."""

from typing import Annotated

import typer

from dripline.cli.support.options import Db, Phone
from dripline.core.leads.lead_ref import lead_ref
from dripline.errors import InvalidNote


def note(
    phone: Phone,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What whoever asks later should know.")] = "",
    drop: Annotated[int | None, typer.Option("--drop", metavar="NOTE", help="Delete a note instead.")] = None,
    db: Db = None,
) -> None:
    """Write something down about a lead; dripline show tells it. Nothing is sent or stopped by it.

    Example: dripline note 60123456789 "Called on Monday: wants the evening class."
    """
    from dripline.cli.support.session import open_existing

    if drop is not None and text:
        raise InvalidNote("A text and --drop were given: write a note or delete one.")
    with open_existing(db) as drip:
        if drop is None:
            drip.leads.add_note(text, **lead_ref(phone))
        elif drop not in {note.id for timeline in drip.leads.timelines(**lead_ref(phone)) for note in timeline.notes}:
            raise InvalidNote(f"{phone} has no note {drop}: dripline show {phone} lists them.")
        else:
            drip.leads.drop_note(drop)
    typer.echo("The note is saved." if drop is None else "The note is deleted.")
