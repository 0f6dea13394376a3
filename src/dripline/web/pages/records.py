"""Step records: a list with every filter in its address, one with its why, and what is done to many at once."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from dripline.core.filters import AttemptFilter, RecordFilter, Standing
from dripline.web.gate import Changing, Visiting
from dripline.web.view import back, page

Asked = Annotated[str | None, Query(max_length=200)]

router = APIRouter()


@router.get("/records")
def records(  # noqa: PLR0913, PLR0917  (an address has as many filters)
    request: Request,
    visit: Visiting,
    sequence: Asked = None,
    step: Asked = None,
    status: Annotated[list[str] | None, Query()] = None,
    sender: Asked = None,
    text: Asked = None,
    since: datetime | None = None,
    until: datetime | None = None,
    due: bool = False,  # noqa: FBT001, FBT002  (in an address)
    order: str = "latest",
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """List records."""
    drip = visit.drip
    wanted = RecordFilter(
        sequence=sequence or None,
        step=int(step) if step and step.isdecimal() and sequence else None,
        standings=[Standing.ACTIVE] if due else status or tuple(Standing),
        sender=sender or None,
        text=text or None,
        since=since,
        until=drip.now() + timedelta(seconds=1) if due else until,
        order=order,
    )
    values = {
        "found": drip.find_records(wanted, cursor=cursor),
        "standings": list(Standing),
        "chosen": ["active"] if due else status or [],
        "tally": drip.report().tally,
        "now": drip.now(),
    }
    return page(request, "records.html", values, visit=visit)


@router.get("/record/{record_id}")
def record(request: Request, visit: Visiting, record_id: int) -> Response:
    """Show one record, and why it stands where it stands."""
    found = visit.drip.get_record(record_id)
    if found is None:
        raise HTTPException(404, f"There is no record {record_id}: its lead was forgotten, or it never was.")
    return page(request, "record.html", {"found": found, "now": visit.drip.now()}, visit=visit)


@router.post("/record/{record_id}/confirm")
def confirm(visit: Changing, record_id: int) -> Response:
    """Complete an unknown record that somebody knows to have gone."""
    done = visit.drip.confirm_sent(record_id)
    return back(f"/record/{record_id}", done="It counts as sent." if done else "", refused="" if done else _LATE)


@router.post("/record/{record_id}/again")
def again(visit: Changing, record_id: int) -> Response:
    """Send an unknown record again that somebody knows not to have gone."""
    done = visit.drip.send_again(record_id)
    return back(f"/record/{record_id}", done="It is sent again." if done else "", refused="" if done else _LATE)


@router.get("/activity")
def activity(
    request: Request,
    visit: Visiting,
    outcome: Asked = None,
    delivery: Asked = None,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """List tries, the latest first."""
    drip = visit.drip
    found = drip.find_attempts(AttemptFilter(outcome or None, delivery=delivery or None), cursor=cursor)
    return page(request, "activity.html", {"found": found, "workers": drip.workers(), "now": drip.now()}, visit=visit)


_LATE = "Somebody was faster, or it stands elsewhere by now: nothing was changed."
