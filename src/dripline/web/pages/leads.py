"""Leads: one with its timeline, past and future, and what a person does to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Query, Request
from starlette.responses import Response

from dripline.core.filters import LeadFilter
from dripline.core.model import StepRecord
from dripline.errors import DriplineError
from dripline.store.reads import Attempt, Enrollment, Timeline
from dripline.web.gate import Changing, Visiting
from dripline.web.timeline import Axis, axis
from dripline.web.view import back, page

Posted = Annotated[str, Form(max_length=2_000)]

Asked = Annotated[str | None, Query(max_length=200)]

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Run:
    """One enrollment as it is shown: its records, each with its why and its tries, and where they stand in time."""

    enrollment: Enrollment
    records: tuple[tuple[StepRecord, str, tuple[Attempt, ...]], ...] = field(kw_only=True)
    axis: Axis = field(kw_only=True)


@router.get("/leads")
def leads(  # noqa: PLR0913, PLR0917  (an address has as many filters)
    request: Request,
    visit: Visiting,
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
    values = {"found": visit.drip.find_leads(wanted, cursor=cursor), "now": visit.drip.now()}
    return page(request, "leads.html", values, visit=visit)


@router.get("/lead/{address}")
def lead(request: Request, visit: Visiting, address: str) -> Response:
    """Show everything about a lead."""
    drip = visit.drip
    found = drip.timelines(email=address) if "@" in address else drip.timelines(phone=address)
    if not found:
        raise HTTPException(404, f"Nobody has the address {address}: it was never imported, or was forgotten.")
    now = drip.now()
    values = {"found": [(timeline, runs(timeline, now)) for timeline in found], "address": address, "now": now}
    return page(request, "lead.html", values, visit=visit)


@router.post("/lead")
def add(visit: Changing, phone: Posted = "", name: Posted = "", email: Posted = "", triggers: Posted = "") -> Response:
    """Add a lead, or give one that is there a trigger; it is enrolled at once."""
    try:
        intake = visit.drip.add_lead(
            phone=phone.strip() or None,
            email=email.strip() or None,
            name=name.strip() or None,
            triggers=triggers.replace(",", " ").split(),
        )
    except DriplineError as error:
        return back("/leads", refused=str(error))
    told = "added" if intake.added else "known already"
    return back(_at(phone or email), done=f"The lead is {told}; {intake.enrolled} enrollments began.")


@router.post("/lead/{address}/stop")
def stop(visit: Changing, address: str, sequence: Posted = "", reason: Posted = "") -> Response:
    """End what a lead is in, or one sequence of it."""
    told = {"reason": reason.strip()} if reason.strip() else {}
    ended = visit.drip.exit(**_who(address), sequence=sequence or None, **told)
    return back(_at(address), done=f"{ended} enrollments ended.")


@router.post("/lead/{address}/pause")
def pause(visit: Changing, address: str, sequence: Posted = "") -> Response:
    """Pause what a lead is in."""
    touched = visit.drip.pause(**_who(address), sequence=sequence or None)
    return back(_at(address), done=f"{touched} enrollments are paused.")


@router.post("/lead/{address}/resume")
def resume(visit: Changing, address: str, sequence: Posted = "") -> Response:
    """Let what a lead is in go on."""
    touched = visit.drip.resume(**_who(address), sequence=sequence or None)
    return back(_at(address), done=f"{touched} enrollments go on.")


@router.post("/lead/{address}/opt-out")
def opt_out(visit: Changing, address: str) -> Response:
    """Bar a person for good."""
    ended = visit.drip.opt_out(**_who(address), reason="barred by a person")
    return back(_at(address), done=f"Nothing is sent there any more; {ended} enrollments ended.")


@router.post("/lead/{address}/opt-in")
def opt_in(visit: Changing, address: str) -> Response:
    """Let a person be sent to again."""
    visit.drip.opt_in(**_who(address))
    return back(_at(address), done="They may be sent to again. What was ended stays ended.")


@router.post("/lead/{address}/forget")
def forget(visit: Changing, address: str) -> Response:
    """Delete a person and all that is stored of them."""
    many = visit.drip.forget(**_who(address))
    return back("/leads", done=f"Forgotten: {many}.")


def runs(timeline: Timeline, now: datetime) -> list[Run]:
    """Return a lead's enrollments as they are shown, the latest first."""
    tries: dict[int, list[Attempt]] = {}
    for attempt in timeline.attempts:
        tries.setdefault(attempt.record_id, []).append(attempt)
    shown: list[Run] = []
    for enrollment in reversed(timeline.enrollments):
        records = [record for record in timeline.records if record.enrollment_id == enrollment.id]
        told = tuple((r, timeline.why(r, now), tuple(tries.get(r.id, ()))) for r in records)
        shown.append(Run(enrollment, records=told, axis=axis(records, now)))
    return shown


def _at(address: str) -> str:
    return f"/lead/{quote(address.strip(), safe='@')}"


def _who(address: str) -> dict[str, str]:
    return {"email": address} if "@" in address else {"phone": address}
