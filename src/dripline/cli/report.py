"""The report: how many messages should go, went and remain, by sequence and step."""

from dataclasses import asdict

import typer

from dripline.cli.support.options import Db, Json
from dripline.core.queries.report import Overview, SequenceReport, Tally
from dripline.core.text import counted

COLUMNS = ("should", "sent", "failed", "skipped", "cancelled", "unknown", "remaining")


def report(db: Db = None, as_json: Json = False) -> None:
    """Show how many messages should go, went and remain, by sequence and step, at any size at once.

    Example: dripline report --db shop.db
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        overview = drip.reports.overview()
    if as_json:
        print_json(_as_object(overview))
    else:
        _print(overview)


def _print(overview: Overview) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("sequence", "step")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for one in overview.sequences:
        for step in one.steps:
            table.add_row(one.sequence, str(step.of.step), *_cells(step))
        table.add_row(one.sequence, "all", *_cells(one.tally), end_section=True)
    if len(overview.sequences) > 1:
        table.add_row("all", "all", *_cells(overview.tally))
    if overview.sequences:
        Console(highlight=False, markup=False).print(table)
    for one in overview.sequences:
        typer.echo(f"{one.sequence}: {_enrollments(one)}.")
    due = overview.due.many
    since = f", the oldest for {overview.lag}" if due else ""
    typer.echo(
        f"{counted(overview.leads, 'lead')}. {due} due now{since}. {overview.sent_lately.many} sent in 24 hours."
    )
    if overview.behind is not None:
        typer.echo(f"Read from a replica, {overview.behind.total_seconds():.1f} s behind.")


def _cells(tally: Tally) -> list[str]:
    figures = tally.figures()
    return [str(figures[column].many) for column in COLUMNS]


def _enrollments(one: SequenceReport) -> str:
    counts = one.enrollments
    return f"{counted(counts.in_progress, 'enrollment')} in progress, {counts.finished} finished, {counts.left} left"


def _as_object(overview: Overview) -> dict[str, object]:
    return {
        "at": overview.at,
        "leads": overview.leads,
        "due": {"many": overview.due.many, "since": overview.due_since, "lag_seconds": overview.lag.total_seconds()},
        "sent_lately": overview.sent_lately.many,
        "replica_behind_seconds": None if overview.behind is None else overview.behind.total_seconds(),
        "records": _counts(overview.tally),
        "sequences": [
            {
                "sequence": one.sequence,
                "enrollments": asdict(one.enrollments),
                "records": _counts(one.tally),
                "steps": [{"step": step.of.step, **_counts(step)} for step in one.steps],
            }
            for one in overview.sequences
        ],
        "hours": [{"since": hour.of.since, "until": hour.of.until, **_counts(hour)} for hour in overview.hours],
    }


def _counts(tally: Tally) -> dict[str, int]:
    return {name: figure.many for name, figure in tally.figures().items()}
