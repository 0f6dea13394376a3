"""The doctor: every invariant asked of the database, and what waits for a person."""

import shlex
from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json
from dripline.core.database_url import sqlite_path
from dripline.core.views.operations import RefusedPosts, Repair
from dripline.private_files import seen_by_others
from dripline.verify import INVARIANTS, Breach


def doctor(
    db: Db = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="First mend what is safe to mend, and say what was done.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check every invariant against the database; exit 1 and say what, if one is broken.

    What waits for a person is told as well: senders and channels that take nothing, texts that will fail.

    Example: dripline doctor --db shop.db
    """
    from dripline.cli.support.session import named_database, open_existing, print_json

    path = sqlite_path(named_database(db))
    with open_existing(db) as drip:
        repairs = drip.records.repair() if repair else []
        breaches = drip.verify()
        counts = drip.reports.counts()
        refused = drip.inbox.refused_posts()
        seen = [] if path is None else seen_by_others(path)
        waiting = [*(trouble.told for trouble in drip.alerts.all()), *drip.sequences.refused_texts()]
    if as_json:
        found = _as_object(repairs, breaches, counts, refused)
        print_json({**found, "readable_by_others": seen, "troubles": waiting})
    else:
        for file in seen:
            typer.echo(f"{file} can be read by everybody on this machine: chmod 600 {shlex.quote(file)}")
        _print(repairs, breaches, refused)
        for line in waiting:
            typer.echo(f"! {line}")
        typer.echo(_in_all(breaches, waiting, counts))
    if breaches:
        raise typer.Exit(1)


def _print(repairs: list[Repair], breaches: list[Breach], refused: list[RefusedPosts]) -> None:
    for mended in repairs:
        for named in mended.ids:
            typer.echo(f"mended: {mended.deed} {named}")
    broken = {breach.invariant.statement for breach in breaches}
    for invariant in INVARIANTS:
        typer.echo(f"{'✗' if invariant.statement in broken else '✓'} {invariant.promise}")
        for breach in breaches:
            if breach.invariant is invariant:
                typer.echo(f"    {invariant.subject} {breach.id}: {breach.detail}")
    for one in refused:
        typer.echo(f"{one.posts} posted to {one.channel} on {one.day} were refused: not signed by the provider.")


def _in_all(breaches: list[Breach], waiting: list[str], counts: dict[str, int]) -> str:
    """Return the last line: how it stands in all."""
    broken = {breach.invariant.statement for breach in breaches}
    text = ", ".join(f"{count} {what}" for what, count in counts.items())
    if broken:
        return f"{len(broken)} of {len(INVARIANTS)} promises are broken."
    if waiting:
        things = "1 thing needs" if len(waiting) == 1 else f"{len(waiting)} things need"
        return f"Every promise holds; {things} attention: {text}."
    return f"All is well: {text}."


def _as_object(
    repairs: list[Repair], breaches: list[Breach], counts: dict[str, int], refused: list[RefusedPosts]
) -> dict[str, object]:
    found = [{"promise": b.invariant.promise, b.invariant.subject: b.id, "detail": b.detail} for b in breaches]
    mended = [{"deed": mend.deed, "ids": mend.ids} for mend in repairs]
    posts = [{"channel": one.channel, "day": str(one.day), "posts": one.posts} for one in refused]
    return {
        "healthy": not breaches,
        "repairs": mended,
        "breaches": found,
        "counts": counts,
        "refused_posts": posts,
    }
