"""A lead's timeline: `dripline show`."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dripline.cli.support.options import Db, Json, Phone
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.views.timeline import Enrollment, Timeline

if TYPE_CHECKING:  # JSON needs no tables
    from rich.table import Table


def show(
    phone: Phone,
    conditions: Annotated[
        bool, typer.Option("--conditions", help="Why it is in each sequence or not, condition by condition.")
    ] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show a lead's timeline: its triggers and every record, past and future, each with its why, by the lead's clock.

    Exits 1 if nobody has that address.

    Example: dripline show 60123456789
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        timelines = drip.leads.timelines(**lead_ref(phone))
        now = drip.now()
    if as_json:
        print_json([_as_object(timeline, now) for timeline in timelines])
    for timeline in [] if as_json else timelines:
        _print(timeline, now, conditions=conditions)
    if not timelines:
        typer.echo(f"No lead has the address {phone}: check it, or import the lead.", err=True)
        raise typer.Exit(1)


def _as_object(timeline: Timeline, now: datetime) -> object:
    records = [
        {**asdict(record), "expected_at": timeline.expected(record).at, "why": timeline.why(record, now)}
        for record in timeline.records
    ]
    whole = {name: value for name, value in asdict(timeline).items() if name != "around"}
    return {**whole, "records": records}


def _print(timeline: Timeline, now: datetime, *, conditions: bool) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    lead = timeline.lead
    console.print(" · ".join(filter(None, (lead.name, lead.phone, lead.email))), style="bold")
    gained = ", ".join(f"{trigger} ({timeline.at(at)})" for trigger, at in timeline.triggers)
    console.print(f"Triggers: {gained or 'none, so no sequence starts'}")
    for identity in timeline.identities:
        console.print(f"Known to {identity.channel} as {identity.value} ({identity.kind})")
    for enrollment in timeline.enrollments:
        console.print(_table(timeline, enrollment, now))
    for missed in timeline.not_enrolled:
        console.print(f"Not in {missed.sequence!r}: {missed.reason}.")
    for note in timeline.notes:
        console.print(f"Note {note.id}, {note.author}, {timeline.at(note.at)}: {note.text}")
    if conditions:
        console.print(_conditions(timeline))


def _conditions(timeline: Timeline) -> "Table":
    from rich.table import Table

    table = Table("sequence", "", "condition", "why", title="What enrollment asks", title_justify="left")
    for candidacy in timeline.candidacies:
        name = f"{candidacy.sequence}{' (it is in it)' if candidacy.is_live else ''}"
        for answer in candidacy.answers:
            table.add_row(name, "✓" if answer.is_met else "✗", str(answer.condition), answer.detail)
            name = ""
    return table


def _table(timeline: Timeline, enrollment: Enrollment, now: datetime) -> "Table":
    from rich.table import Table

    ended = f"ended: {enrollment.end_reason}" if enrollment.ended_at else "live"
    if not any(record.enrollment_id == enrollment.id for record in timeline.records):
        ended = f"{ended}; its records were removed, dripline proof tells what was sent"
    title = f"{enrollment.sequence}, enrolled {timeline.at(enrollment.enrolled_at)}, {ended}"
    table = Table("step", "status", "why, and what was sent", title=title, title_justify="left")
    for record in timeline.records:
        if record.enrollment_id == enrollment.id:
            text = "\n".join([timeline.why(record, now), *_tries(timeline, record.id)])
            table.add_row(str(record.current_step), str(record.status), text)
    return table


def _tries(timeline: Timeline, record_id: int) -> Iterator[str]:
    for attempt in timeline.attempts:
        if attempt.record_id == record_id:
            came_of_it = attempt.outcome or "no answer yet"
            detail = attempt.error or attempt.text or ""
            yield f"try {attempt.number} at {timeline.at(attempt.started_at)}: {came_of_it}: {detail}"
            if attempt.delivery is not None and attempt.delivery_at is not None:
                why = f": {attempt.delivery_error}" if attempt.delivery_error else ""
                yield f"{attempt.delivery} at {timeline.at(attempt.delivery_at)}{why}"
