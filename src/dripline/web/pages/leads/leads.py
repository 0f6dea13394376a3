"""Leads: listed, taken away as a file, and one with its timeline, past and future."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from dripline.core.leads.lead_ref import lead_ref
from dripline.core.queries.filters import LeadFilter
from dripline.core.records.record import StepRecord
from dripline.core.states import Status
from dripline.core.views.thread import LeadThread, ThreadEntry
from dripline.core.views.timeline import Attempt, Enrollment, Timeline
from dripline.web.charts.record_axis import Axis, axis
from dripline.web.downloads import csv_download
from dripline.web.path_segments import InAddress
from dripline.web.render import page
from dripline.web.security.auth import CurrentUser, context_of

Asked = Annotated[str | None, Query(max_length=200)]

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Run:
    """One enrollment as it is shown: its records, each with its why and its tries, and where they stand in time."""

    enrollment: Enrollment
    records: tuple[tuple[StepRecord, str, tuple[Attempt, ...]], ...] = field(kw_only=True)
    axis: Axis = field(kw_only=True)

    @property
    def sent(self) -> int:
        """How many of its messages went."""
        return sum(record.completed_at is not None for record, *_ in self.records)

    @property
    def is_paused(self) -> bool:
        """Whether the message at which it stands waits for a person."""
        return any(record.status is Status.PAUSED for record, *_ in self.records)


@router.get("/leads")
def leads(  # noqa: PLR0913, PLR0917  (an address has as many filters)
    request: Request,
    context: CurrentUser,
    text: Asked = None,
    trigger: Asked = None,
    sequence: Asked = None,
    barred: bool = False,  # noqa: FBT001, FBT002  (in an address)
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """List leads."""
    wanted = LeadFilter(
        text or None, trigger=trigger or None, sequence=sequence or None, is_barred=True if barred else None
    )
    values = {"found": context.drip.leads.find(wanted, cursor=cursor), "now": context.drip.now()}
    return page(request, "leads/list.html", values, context=context)


@router.get("/leads/export.csv")
def export(request: Request, trigger: Asked = None) -> Response:
    """Return all leads, or those with a trigger, as a file that is safe to open and can be imported again."""
    with context_of(request) as context:
        return csv_download(context.drip.leads.export(trigger=trigger or None), "leads.csv")


@router.get("/leads/{address}")
def lead(
    request: Request,
    context: CurrentUser,
    address: InAddress,
    before: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Show a lead as a conversation, with everything else about it below; `before` names an earlier page of that."""
    drip = context.drip
    found = drip.leads.timelines(**lead_ref(address))
    if not found:
        raise HTTPException(404, f"No lead has the address {address}: it was never imported, or was forgotten.")
    now = drip.now()
    threads = {one.lead.id: one for one in drip.leads.thread(**lead_ref(address), cursor=before)}
    values = {
        "found": [(timeline, runs(timeline, now)) for timeline in found],
        "threads": threads,
        "days": {lead_id: days(one) for lead_id, one in threads.items()},
        "is_latest": before is None,
        "address": address,
        "triggers": sorted({state.sequence.trigger for state in drip.sequences.all()}),
        "now": now,
    }
    return page(request, "leads/lead.html", values, context=context)


def days(thread: LeadThread) -> list[tuple[str, list[ThreadEntry]]]:
    """Return the entries of a thread by the lead's own days."""
    zone = ZoneInfo(thread.zone)
    dated = [(entry.at.astimezone(zone).date(), entry) for entry in thread.entries if entry.at is not None]
    by_day = groupby(dated, key=itemgetter(0))
    return [(f"{day:%a} {day.day} {day:%B %Y}", [entry for _, entry in of_day]) for day, of_day in by_day]


def runs(timeline: Timeline, now: datetime) -> list[Run]:
    """Return a lead's enrollments as they are shown, the latest first."""
    tries: dict[int, list[Attempt]] = {}
    for attempt in timeline.attempts:
        tries.setdefault(attempt.record_id, []).append(attempt)
    shown: list[Run] = []
    for enrollment in reversed(timeline.enrollments):
        records = [record for record in timeline.records if record.enrollment_id == enrollment.id]
        lines = tuple((r, timeline.why(r, now), tuple(tries.get(r.id, ()))) for r in records)
        shown.append(Run(enrollment, records=lines, axis=axis(timeline, records, now)))
    return shown
