"""Records by hand: some that were ticked, or all that a filter finds; asked first, then done and told."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from dripline.app import Dripline
from dripline.app.records.records import FIND_LIMIT
from dripline.core.queries.filters import StatusGroup
from dripline.core.time.schedule import parse_delay
from dripline.errors import DriplineError, InvalidFilter
from dripline.web.links import ours
from dripline.web.pages.records.message_filter import record_filter, written_filter
from dripline.web.record_actions import Action, action_of, done_text, refused_text
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser

Posted = Annotated[str, Form(max_length=2_000)]

Ids = Annotated[str, Form(max_length=20 * FIND_LIMIT)]

router = APIRouter(prefix="/messages")


@router.get("/bulk")
def ask_again(context: CurrentUser) -> Response:
    """Lead whoever opens the page that asks by its address back to the list: what was chosen is not in it."""
    del context  # let in is enough
    return RedirectResponse("/messages", 303)


@router.post("/bulk")
def ask(  # noqa: PLR0913, PLR0917  (a form has as many fields)
    request: Request,
    context: CsrfChecked,
    action: Posted = "",
    record: Annotated[list[str] | None, Form()] = None,
    all: Posted = "",  # noqa: A002  (its name in the form)
    filter: Posted = "",  # noqa: A002  (its name in the form)
    after: Posted = "",
    at: Posted = "",
    one: Posted = "",
    where: Posted = "",
) -> Response:
    """Say to how many records something would be done, and what; the page that asks works without a script."""
    asked, drip = QueryParams(filter), context.drip
    where = where_asked(one, asked, where)
    try:
        wanted = action_of(action)
        ids = _fitting(drip, asked, wanted) if all else chosen_ids(" ".join(record or []))
        if not ids:
            problem = f"No message that fits is {_words(wanted)}." if all else "No message was ticked: tick some first."
            return back(where, refused=problem)
        goes_at = _instant(drip, after, at) if wanted.takes_time else None
    except DriplineError as error:
        return back(where, refused=str(error))
    values = {
        "action": wanted,
        "ids": ids,
        "is_more": bool(all) and len(ids) == FIND_LIMIT,
        "goes_at": goes_at,
        "words": _words(wanted),
        "filter": written_filter(asked),
        "where": where,
        "one": one,
        "now": drip.now(),
        "zone": zone_of(drip),
    }
    return page(request, "records/bulk_action.html", values, context=context)


@router.post("/bulk/do")
def do(  # noqa: PLR0913, PLR0917  (a form has as many fields)
    context: CsrfChecked,
    action: Posted = "",
    ids: Ids = "",
    goes_at: Posted = "",
    filter: Posted = "",  # noqa: A002  (its name in the form)
    one: Posted = "",
    where: Posted = "",
) -> Response:
    """Do to records what was asked for, and say what came of it where it was asked."""
    where = where_asked(one, QueryParams(filter), where)
    try:
        wanted = action_of(action)
        done = wanted.do(context.drip, chosen_ids(ids), _read(goes_at) if goes_at else None)
    except DriplineError as error:
        return back(where, refused=str(error))
    return back(where, done=done_text(wanted, done), refused=refused_text(done))


def zone_of(drip: Dripline) -> str:
    """Return the zone by whose clock pages read and write times."""
    return drip.workspace.state().workspace.zone


def where_asked(one: str, asked: QueryParams, where: str) -> str:
    """Return the page from which it was asked: the one that it names, one record's, or the list with its filter."""
    if where:
        return ours(where)
    if one.isascii() and one.isdecimal():
        return f"/messages/{one}"
    query = written_filter(asked)
    return f"/messages?{query}" if query else "/messages"


def _fitting(drip: Dripline, asked: QueryParams, action: Action) -> list[int]:
    """Return which of the records that a filter finds stand so that something can be done to them."""
    wanted = record_filter(asked, drip.now(), zone_of(drip))
    standings = [one for one in wanted.standings if one in action.standings]
    return drip.records.find_ids(replace(wanted, standings=standings)) if standings else []


def chosen_ids(written: str) -> list[int]:
    """Read the ids of chosen records.

    Raises:
        InvalidFilter: They are none, or too many.
    """
    words = written.split()
    if len(words) > FIND_LIMIT or not all(map(_ID.fullmatch, words)):
        raise InvalidFilter(f"Records are named by up to {FIND_LIMIT:,} numbers: choose them in the list.")
    return list(map(int, words))


def _instant(drip: Dripline, after: str, at: str) -> datetime:
    """Return when something is to go: at a time of the workspace's zone if one is given, else so long from now."""
    if not at.strip():
        return drip.now() + parse_delay(after.strip())
    written = _read(at)
    return written if written.tzinfo else written.replace(tzinfo=ZoneInfo(zone_of(drip)))


def _read(written: str) -> datetime:
    try:
        return datetime.fromisoformat(written.strip())
    except ValueError:
        raise InvalidFilter(f"{written[:40]!r} is no time: write one such as 2026-01-31 08:00.") from None


def _words(action: Action) -> str:
    *others, last = (_STANDINGS[one] for one in action.standings)
    return f"{', '.join(others)} or {last}" if others else last


_STANDINGS = {
    StatusGroup.FAILED: "failed",
    StatusGroup.PENDING: "scheduled",
    StatusGroup.ACTIVE: "waiting to be sent",
    StatusGroup.PAUSED: "on hold",
}
"""Where something can be done to messages, in words."""

_ID = re.compile("[0-9]{1,18}")
