"""A backup that was put back: `dripline restored`."""

from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.support.options import Db, instant_of
from dripline.config.settings import Settings
from dripline.core.text import counted
from dripline.importing.leads.opt_outs_file import read_opt_outs

Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="INSTANT", help="When the backup was made, such as 2026-11-28T03:00; UTC unless told."
    ),
]

OptOuts = Annotated[
    Path | None,
    typer.Option("--opt-outs", metavar="FILE", help="Who opted out since: a list, as dripline stop --file reads it."),
]


def restored(
    since: Since = None,
    opt_outs: OptOuts = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    db: Db = None,
) -> None:
    """Say that this database was put back from a backup: what was due by now may have gone, and is not sent again.

    It becomes unknown and waits for you: `dripline unknown` lists it, and `dripline unknown sent --all` or `dripline
    unknown resend --all` decides. Everything else goes on. Opt-outs since the backup are not known any more: give a
    list of them, and those people are suppressed first.

    Example: dripline restored --since 2026-11-28T03:00 --opt-outs barred.json --dry-run
    """
    from dripline.cli.support.session import open_existing

    backed_up_at = instant_of(since)
    opted_out = () if opt_outs is None else read_opt_outs(opt_outs, region=Settings.load().region)
    with open_existing(db) as drip:
        # The plan first: it refuses what the rest would, before anybody is suppressed.
        plan = drip.records.plan_restored(backed_up_at)
        ended = 0 if dry_run else drip.leads.opt_out_all(opted_out)
        waiting = 0 if dry_run else drip.records.restored(backed_up_at)
        pause = drip.workspace.state().pause_reason
    if opted_out:
        typer.echo(_opted_out(len(opted_out), ended, dry_run=dry_run))
    typer.echo(
        f"{counted(plan.records, 'message')} may have been sent since the backup, {plan.current} of them next to go."
    )
    if dry_run:
        typer.echo("Nothing was changed (--dry-run).")
    else:
        rest = "Everything else goes on." if pause is None else f"Everything is still paused: {pause}."
        typer.echo(f"{waiting} are unknown now and wait for you: dripline unknown lists them. {rest}")


def _opted_out(count: int, ended: int, *, dry_run: bool) -> str:
    if dry_run:
        return f"{count} addresses would be barred first."
    return (
        f"Nothing is sent to {counted(count, 'address', 'addresses')} any more; {counted(ended, 'enrollment')} ended."
    )
