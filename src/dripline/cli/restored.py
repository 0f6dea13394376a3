"""A backup that was put back: `dripline restored`."""

from typing import Annotated

import typer

from dripline.cli.options import Db, instant_of

Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="INSTANT", help="When the backup was made, such as 2026-11-28T03:00; UTC unless told."
    ),
]


def restored(
    since: Since = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    db: Db = None,
) -> None:
    """Say that this database was put back from a backup: what was due by now may have gone, and is not sent again.

    It becomes unknown and waits for you: `dripline unknown` lists it, and `dripline unknown sent --all` or `dripline
    unknown resend --all` decides. Everything else goes on. Opt-outs since the backup are not known any more: bar those
    people again with `dripline stop` before you run this.

    Example: dripline restored --since 2026-11-28T03:00 --dry-run
    """
    from dripline.cli.opening import open_existing

    backed_up_at = instant_of(since)
    with open_existing(db) as drip:
        plan = drip.plan_restored()
        waiting = 0 if dry_run else drip.restored(backed_up_at)
    typer.echo(f"{plan.records} messages may have gone since the backup; {plan.current} of them are next to go.")
    if dry_run:
        typer.echo("Nothing was changed (--dry-run).")
    else:
        typer.echo(f"{waiting} are unknown now and wait for you: dripline unknown lists them. Everything else goes on.")
