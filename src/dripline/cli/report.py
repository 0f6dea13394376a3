"""The report: how many messages should go, went and remain, by sequence and step; or what each step led to."""

from dataclasses import asdict
from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json
from dripline.core.queries.filters import StepResult
from dripline.core.queries.report import Figure, Overview, SequenceReport, Tally
from dripline.core.queries.results import SequenceResults, StepResults
from dripline.core.text import counted

COLUMNS = ("should", "sent", "failed", "skipped", "cancelled", "unknown", "remaining")


SHOWN = {
    StepResult.SENT: "sent",
    StepResult.DELIVERED: "delivered",
    StepResult.READ: "read",
    StepResult.NOT_DELIVERED: "not\ndelivered",
    StepResult.REPLIED: "replied",
    StepResult.STOPPED: "stopped",
    StepResult.GOAL: "goal",
    StepResult.LEFT: "left\nhere",
}
"""What each column of a sequence's results is called."""

Name = Annotated[str | None, typer.Argument(metavar="[SEQUENCE]", help="What each step of this sequence led to.")]


def report(sequence: Name = None, db: Db = None, as_json: Json = False) -> None:
    """Show how many messages should go, went and remain, by sequence and step, at any size at once.

    Of one sequence: what each step led to. Examples: dripline report --db shop.db, dripline report "Warm EXAMA"
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        if sequence is not None:
            results = drip.reports.results_of(sequence)
            print_json(_results_as_object(results)) if as_json else _print_results(results)
            return
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


def _print_results(results: SequenceResults) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table("step", box=SIMPLE_HEAD, pad_edge=False)
    for heading in SHOWN.values():
        table.add_column(heading, justify="right")
    for step in results.steps:
        table.add_row("gone" if step.position is None else str(step.position), *_result_cells(step))
    table.add_section()
    table.add_row("all", *_result_cells(results.all))
    Console(highlight=False, markup=False, width=80).print(table)
    counts = results.enrollments
    typer.echo(
        f"{counted(counts.in_progress, 'enrollment')} in progress, {counts.finished} finished, {counts.left} left."
    )


def _result_cells(step: StepResults) -> list[str]:
    """Return each figure, and below it which share that is; a dash where no receipt tells."""
    return [_result_cell(figure, step.share(result)) for result, figure in step.figures().items()]


def _result_cell(figure: Figure | None, share: float | None) -> str:
    if figure is None:
        return "—"
    return str(figure.many) if share is None or figure.of.result is None else f"{figure.many}\n{share:.0%}"


def _results_as_object(results: SequenceResults) -> dict[str, object]:
    return {
        "sequence": results.sequence,
        "enrollments": asdict(results.enrollments),
        "all": _result_counts(results.all),
        "steps": [
            {"step_id": step.step_id, "step": step.position, "message": step.message, **_result_counts(step)}
            for step in results.steps
        ],
    }


def _result_counts(step: StepResults) -> dict[str, object]:
    counts: dict[str, object] = {
        str(result): None if figure is None else figure.many for result, figure in step.figures().items()
    }
    return {**counts, "shares": {str(one): step.share(one) for one in StepResult if one is not StepResult.SENT}}


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
