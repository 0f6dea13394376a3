"""Step records: a list with every filter in its address, one with its why, and what is done to many at once."""

from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from dripline.core.queries.filters import AttemptFilter, Order, RecordFilter, StatusGroup
from dripline.errors import InvalidFilter
from dripline.web.downloads import csv_download
from dripline.web.record_actions import ACTIONS, actions_for
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, context_of
from dripline.web.security.reverse_proxy import base_of

Asked = Annotated[str | None, Query(max_length=200)]

router = APIRouter()


@router.get("/messages")
def records(
    request: Request, context: CurrentUser, cursor: Annotated[str | None, Query(max_length=1_000)] = None
) -> Response:
    """List records; every filter is in the address."""
    drip, asked = context.drip, request.query_params
    wanted = record_filter(asked, drip.now())
    found = drip.records.find(wanted, cursor=cursor)
    is_all = not found.next and not found.previous
    values = {
        "found": found,
        "many": len(found.rows) if is_all or not found.rows else drip.records.count(wanted),
        "filter": written_filter(asked),
        "actions": ACTIONS,
        "standings": list(StatusGroup),
        "chosen": ["active"] if asked.get("due") else asked.getlist("status"),
        "tally": drip.reports.overview().tally,
        "now": drip.now(),
        "zone": drip.workspace.state().workspace.zone,
    }
    return page(request, "records/list.html", values, context=context)


@router.get("/messages/export.csv")
def export(request: Request) -> Response:
    """Return the records that a filter asks for as a file that is safe to open."""
    with context_of(request) as context:
        wanted = record_filter(request.query_params, context.drip.now())
        return csv_download(context.drip.records.export(wanted), "records.csv")


def record_filter(asked: QueryParams, now: datetime) -> RecordFilter:
    """Read from an address which records it asks for; `due`: what is active and due now, nothing else.

    Raises:
        InvalidFilter: It cannot be used.
    """
    sequence, step, is_due = asked.get("sequence") or None, asked.get("step", ""), bool(asked.get("due"))
    return RecordFilter(
        sequence=sequence,
        step=int(step) if step.isascii() and step.isdecimal() and len(step) <= _DIGITS and sequence else None,
        standings=[StatusGroup.ACTIVE] if is_due else asked.getlist("status") or tuple(StatusGroup),
        sender=asked.get("sender") or None,
        text=asked.get("text") or None,
        since=_instant(asked.get("since")),
        until=now + timedelta(seconds=1) if is_due else _instant(asked.get("until")),
        order=asked.get("order") or Order.LATEST,
    )


def written_filter(asked: QueryParams) -> str:
    """Return what an address asks for, without its page and what was told on it."""
    return urlencode([(name, value) for name, value in asked.multi_items() if name in _ASKED and value])


@router.get("/messages/{record_id:int}")
def record(request: Request, context: CurrentUser, record_id: int) -> Response:
    """Show one record, and why it stands where it stands."""
    found = context.drip.records.get(record_id)
    if found is None:
        raise HTTPException(404, f"There is no record {record_id}: its lead was forgotten, or it never was.")
    values = {
        "found": found,
        "actions": actions_for(found.record.status),
        "base": base_of(request),
        "zone": context.drip.workspace.state().workspace.zone,
        "now": context.drip.now(),
    }
    return page(request, "records/record.html", values, context=context)


@router.post("/messages/{record_id:int}/confirm")
def confirm(context: CsrfChecked, record_id: int) -> Response:
    """Complete an unknown record that somebody knows to have gone."""
    done = context.drip.records.unknown.confirm_sent(record_id)
    return back(f"/messages/{record_id}", done="It counts as sent." if done else "", refused="" if done else _LATE)


@router.post("/messages/{record_id:int}/again")
def again(context: CsrfChecked, record_id: int) -> Response:
    """Send an unknown record again that somebody knows not to have gone."""
    done = context.drip.records.unknown.send_again(record_id)
    return back(f"/messages/{record_id}", done="It is sent again." if done else "", refused="" if done else _LATE)


@router.get("/messages/attempts")
def activity(
    request: Request,
    context: CurrentUser,
    outcome: Asked = None,
    delivery: Asked = None,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """List tries, the latest first."""
    drip = context.drip
    found = drip.records.find_attempts(AttemptFilter(outcome or None, delivery=delivery or None), cursor=cursor)
    return page(
        request,
        "records/activity.html",
        {"found": found, "workers": drip.reports.workers(), "now": drip.now()},
        context=context,
    )


def _instant(written: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError:
        raise InvalidFilter(f"{written!r} is no instant: write one such as 2026-01-31T08:00:00Z.") from None


_ASKED = frozenset({"sequence", "step", "status", "sender", "text", "since", "until", "due", "order"})

_DIGITS = 9
"""No step has a number of more digits."""

_LATE = "Somebody was faster, or it stands elsewhere by now: nothing was changed."
