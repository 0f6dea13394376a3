"""The workspace, senders and sequences from files: `dripline apply`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dripline.app import Dripline
from dripline.cli.options import Db, Json
from dripline.core.plan import Plan
from dripline.importing.setup_file import Setup


def apply(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.yaml …", help="Sequence files.")],
    db: Db = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Create or update senders and sequences from files, and enroll the leads that have their triggers.

    Every file is read and checked before anything changes; what will change is shown first.

    Example: dripline apply examples/warm-exama.yaml
    """
    from dripline.cli.opening import open_dripline, print_json
    from dripline.importing.setup_file import join_setups, read_setup

    setup = join_setups(read_setup(file) for file in files)
    with open_dripline(db) as drip:
        plans = list(_plans(drip, setup))
        if not as_json:
            typer.echo("\n".join(_told(planned) for _, planned in plans))
        enrolled = [0] * len(setup.sequences) if dry_run else _apply(drip, setup)
    if as_json:
        counts = [None] * (len(plans) - len(enrolled)) + enrolled
        print_json([_as_object(kind, planned, count) for (kind, planned), count in zip(plans, counts, strict=True)])
    elif dry_run:
        typer.echo("Nothing was changed (--dry-run).")
    else:
        typer.echo(f"Applied. {sum(enrolled)} leads enrolled.")


def _plans(drip: Dripline, setup: Setup) -> Iterator[tuple[str, Plan]]:
    """Yield what would change, in the order in which it is applied, each with what it is a plan of."""
    if setup.workspace is not None:
        yield "workspace", drip.plan_workspace(setup.workspace)
    for sender in setup.senders:
        yield "sender", drip.plan_sender(sender)
    for sequence in setup.sequences:
        yield "sequence", drip.plan(sequence, senders=setup.senders, beside=setup.sequences)


def _apply(drip: Dripline, setup: Setup) -> list[int]:
    """Apply everything; return how many leads each sequence enrolled."""
    if setup.workspace is not None:
        drip.apply_workspace(setup.workspace)
    for sender in setup.senders:
        drip.apply_sender(sender)
    return [drip.apply(sequence, beside=setup.sequences).enrolled for sequence in setup.sequences]


def _as_object(kind: str, planned: Plan, enrolled: int | None) -> dict[str, object]:
    told: dict[str, object] = {kind: planned.name, "action": planned.action, "changes": planned.changes}
    return told if enrolled is None else told | {"enrolled": enrolled}


def _told(planned: Plan) -> str:
    return "\n".join([f"{planned.action} {planned.name!r}", *(f"  {change}" for change in planned.changes)])
