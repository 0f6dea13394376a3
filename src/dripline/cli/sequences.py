"""Senders and sequences from files: `dripline apply`."""

from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.options import Db, Json
from dripline.core.plan import Plan


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
    from dripline.importing.setup_file import read_setup

    setups = [read_setup(file) for file in files]
    senders = [sender for setup in setups for sender in setup.senders]
    sequences = [sequence for setup in setups for sequence in setup.sequences]
    with open_dripline(db) as drip:
        sender_plans = [drip.plan_sender(sender) for sender in senders]
        plans = [drip.plan(sequence, senders=senders) for sequence in sequences]
        if not as_json:
            for planned in [*sender_plans, *plans]:
                typer.echo(_told(planned))
        for sender in [] if dry_run else senders:
            drip.apply_sender(sender)
        enrolled = [0 if dry_run else drip.apply(sequence).enrolled for sequence in sequences]

    def as_object(planned: Plan, count: int) -> dict[str, object]:
        return {"sequence": planned.name, "action": planned.action, "changes": planned.changes, "enrolled": count}

    def as_sender(planned: Plan) -> dict[str, object]:
        return {"sender": planned.name, "action": planned.action, "changes": planned.changes}

    if as_json:
        applied = [as_object(planned, count) for planned, count in zip(plans, enrolled, strict=True)]
        print_json([*map(as_sender, sender_plans), *applied])
    elif dry_run:
        typer.echo("Nothing was changed (--dry-run).")
    else:
        typer.echo(f"Applied. {sum(enrolled)} leads enrolled.")


def _told(planned: Plan) -> str:
    return "\n".join([f"{planned.action} {planned.name!r}", *(f"  {change}" for change in planned.changes)])
