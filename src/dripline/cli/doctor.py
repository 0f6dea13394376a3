"""The doctor: every invariant asked of the database."""

import typer

from dripline.cli.options import Db, Json


def doctor(db: Db = None, as_json: Json = False) -> None:
    """Check every invariant against the database; exit 1 and say what, if one is broken.

    Example: dripline doctor --db shop.db
    """
    from dripline.cli.opening import open_existing, print_json
    from dripline.verify import INVARIANTS

    with open_existing(db) as drip:
        breaches = drip.verify()
        counts = drip.counts()
    if as_json:
        found = [{"promise": b.invariant.promise, b.invariant.subject: b.id, "detail": b.detail} for b in breaches]
        print_json({"healthy": not breaches, "breaches": found, "counts": counts})
    else:
        broken = {breach.invariant.statement for breach in breaches}
        for invariant in INVARIANTS:
            typer.echo(f"{'✗' if invariant.statement in broken else '✓'} {invariant.promise}")
            for breach in breaches:
                if breach.invariant is invariant:
                    typer.echo(f"    {invariant.subject} {breach.id}: {breach.detail}")
        told = ", ".join(f"{count} {what}" for what, count in counts.items())
        typer.echo(f"{len(broken)} of {len(INVARIANTS)} promises are broken." if broken else f"All is well: {told}.")
    if breaches:
        raise typer.Exit(1)
