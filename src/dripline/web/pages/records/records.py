"""Messages: one list for past and future with every filter in its address, and one message with what happened to it."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from starlette.responses import Response

from dripline.app import Dripline
from dripline.core.queries.filters import AttemptFilter
from dripline.core.states import Status
from dripline.core.views.lists import RecordDetail
from dripline.errors import InvalidInput
from dripline.web.downloads import csv_download
from dripline.web.links import ours
from dripline.web.pages.records.failure_text import chances_text, failure_text, when_text
from dripline.web.pages.records.message_filter import (
    PERIODS,
    list_link,
    message_link,
    record_filter,
    written_filter,
)
from dripline.web.pages.records.message_list import NOTHING, choices, shown
from dripline.web.record_actions import actions_for
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext, context_of
from dripline.web.security.reverse_proxy import base_of

Asked = Annotated[str | None, Query(max_length=200)]
Posted = Annotated[str, Form(max_length=2_000)]

router = APIRouter()


@router.get("/messages")
def messages(
    request: Request,
    context: CurrentUser,
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
    message: str = "",
) -> Response:
    """List messages; every filter is in the address. What cannot be read of it is said in place."""
    drip, asked = context.drip, request.query_params
    report, zone = drip.reports.overview(), drip.workspace.state().workspace.zone
    values, problem = NOTHING, ""
    try:
        values = shown(drip, asked, report, cursor, zone)
    except InvalidInput as error:
        problem = str(error)
    opened = drip.records.get(int(message)) if _ID.fullmatch(message) else None
    beside: dict[str, object] = {
        "problem": problem,
        "periods": PERIODS,
        "filter": written_filter(asked),
        "opened": None if opened is None else _message(request, context, opened, list_link(asked)),
        "link_to": partial(message_link, asked),
        "filter_with": partial(written_filter, asked, ("status", "due")),
        "failure_text": failure_text,
        "chances_text": chances_text,
        "when_text": when_text,
        "now": drip.now(),
        "zone": zone,
    }
    return page(request, "records/list.html", {**values, **choices(drip, asked, report), **beside}, context=context)


@router.get("/messages/export.csv")
def export(request: Request) -> Response:
    """Return the records that a filter asks for as a file that is safe to open."""
    with context_of(request) as context:
        zone = context.drip.workspace.state().workspace.zone
        wanted = record_filter(request.query_params, context.drip.now(), zone)
        return csv_download(context.drip.records.export(wanted), "records.csv")


@router.get("/messages/{record_id:int}")
def message(request: Request, context: CurrentUser, record_id: int) -> Response:
    """Show one message, what happened to it, and what can be done."""
    found = context.drip.records.get(record_id)
    if found is None:
        raise HTTPException(404, f"There is no record {record_id}: its lead was forgotten, or it never was.")
    values = {
        "opened": _message(request, context, found, f"/messages/{record_id}"),
        "now": context.drip.now(),
        "zone": context.drip.workspace.state().workspace.zone,
    }
    return page(request, "records/message.html", values, context=context)


@router.post("/messages/{record_id:int}/confirm")
def confirm(context: CsrfChecked, record_id: int, where: Posted = "") -> Response:
    """Complete an unknown record that somebody knows to have gone."""
    done = context.drip.records.unknown.confirm_sent(record_id)
    return back(_where(where, record_id), done="It counts as sent." if done else "", refused="" if done else _LATE)


@router.post("/messages/{record_id:int}/again")
def again(context: CsrfChecked, record_id: int, where: Posted = "") -> Response:
    """Send an unknown record again that somebody knows not to have gone."""
    done = context.drip.records.unknown.send_again(record_id)
    return back(_where(where, record_id), done="It is sent again." if done else "", refused="" if done else _LATE)


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


def _message(request: Request, context: PageContext, found: RecordDetail, where: str) -> Mapping[str, object]:
    """Return what one message shows, beside its list or on a page of its own; `where` its forms lead back to."""
    drip: Dripline = context.drip
    return {
        "found": found,
        "excerpt": drip.records.excerpts([found.record.id])[found.record.id],
        "actions": actions_for(found.record.status),
        "kept": drip.records.plan_retry([found.record.id]).get(found.record.id)
        if found.record.status is Status.FAILED
        else None,
        "where": where,
        "base": base_of(request),
    }


def _where(where: str, record_id: int) -> str:
    return ours(where) if where else f"/messages/{record_id}"


_ID = re.compile("[0-9]{1,18}")

_LATE = "Somebody was faster, or it stands elsewhere by now: nothing was changed."
