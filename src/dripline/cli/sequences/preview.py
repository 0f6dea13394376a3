"""What a lead would get: `dripline preview`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.messages.preview import Preview
from dripline.core.sequences.sequence import Sequence
from dripline.core.time.schedule import format_delay


def preview(
    sequence: Annotated[str, typer.Argument(metavar="SEQUENCE", help="The name of a sequence, or its file.")],
    address: Annotated[str, typer.Argument(metavar="PHONE", help="The lead's phone, or e-mail address.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show exactly what each step would send to a lead now; nothing is sent, and a file is not applied.

    Example: dripline preview examples/warm-exama.yaml 60123456789
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        previews = {
            named if isinstance(named, str) else named.name: drip.preview(named, **lead_ref(address))
            for named in _sequences(sequence)
        }
    if as_json:
        print_json(
            [{"sequence": name, "steps": [_as_object(step) for step in steps]} for name, steps in previews.items()]
        )
        return
    for name, steps in previews.items():
        typer.echo(f"{name}, to {steps[0].to or 'nobody: the lead has no address for this channel'}")
        for step in steps:
            typer.echo("\n".join(_lines(step)))


def _sequences(named: str) -> tuple[Sequence | str, ...]:
    """Return the sequences of a file; or the name, where that is what it is."""
    from dripline.cli.support.setup_files import read_setup_file

    path = Path(named)
    return tuple(read_setup_file(path).sequences) if path.suffix in {".yaml", ".yml"} else (named,)


def _lines(step: Preview) -> Iterator[str]:
    yield f"\nStep {step.step}, {format_delay(step.after)} after {'enrollment' if step.step == 1 else 'the one before'}"
    if step.problem is not None:
        yield f"  nothing would go: {step.problem}"
    yield from (f"  note: {note}" for note in step.notes)
    if step.media is not None:
        yield f"  [{step.media.kind} {step.media.url}]"
    if step.subject is not None:
        yield f"  {step.subject}"
    if step.text is not None:
        yield from (f"  {line}" for line in step.text.splitlines())
    if step.template is not None:
        yield f"  where no free text may go: {step.template.told}"


def _as_object(step: Preview) -> dict[str, object]:
    from dataclasses import asdict

    return {**asdict(step), "after": step.after.total_seconds()}
