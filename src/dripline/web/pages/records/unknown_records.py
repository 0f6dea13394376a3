"""Unknown records in bulk: chosen by filters or by the provider's export, previewed, and settled as previewed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams, UploadFile
from starlette.responses import RedirectResponse, Response

from dripline.app import Dripline
from dripline.core.records.evidence import Evidence
from dripline.core.records.unknown import Effect, Resolution, Settled, UnknownFilter
from dripline.core.text import counted
from dripline.core.time.clocks import clocks_of
from dripline.errors import InvalidFile, InvalidFilter, InvalidInput
from dripline.importing.leads.upload import let_go
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext, check_form, context_of, pool_of
from dripline.web.uploads.uploads import Waiting, form_within

SETTLED_LIMIT = 10_000
"""How many records one click settles; another one goes on."""

LEFT_SHOWN = 100
"""How many records are shown that are left as they are."""

DIGITS = 9
"""No step and no span has a number of more digits."""

FIELDS = ("sequence", "step", "channel", "sender", "worker", "since", "until", "leads", "with_ended")
"""What a filter asks for in an address."""

WAYS = (
    (Resolution.SENT, "They went", "primary"),
    (Resolution.RESEND, "They did not: send again", "danger"),
    (Resolution.SKIP, "Go on without them", ""),
)
"""As what they are settled, and what the buttons say."""

Posted = Annotated[str, Form(max_length=20_000)]

router = APIRouter(prefix="/unknown")


@router.get("")
def unknown(request: Request, context: CurrentUser) -> Response:
    """Show how many unknown records of which sequence, step and sender a filter finds, and offer to settle them."""
    drip, asked = context.drip, request.query_params
    found, problem = Settled(), ""
    try:
        found = drip.records.unknown.plan_settle(Resolution.SENT, _filter(drip, asked))
    except InvalidInput as error:
        problem = str(error)
    zone = drip.workspace.state().workspace.zone
    values = {"found": found, "problem": problem, "filter": _written(asked), "ways": WAYS, "zone": zone}
    return page(request, "records/unknown.html", values, context=context)


@router.post("/plan")
def plan(request: Request, context: CsrfChecked, resolution: Posted = "", filter: Posted = "") -> Response:  # noqa: A002
    """Say what would become of which records; whoever agrees has just that done."""
    asked = QueryParams(filter)
    try:
        planned = context.drip.records.unknown.plan_settle(resolution, _filter(context.drip, asked))
    except InvalidInput as error:
        return back(_where(asked), refused=str(error))
    values = _shown(planned, "/unknown/settle", {"resolution": resolution, "filter": _written(asked)}, _where(asked))
    return page(request, "records/unknown_plan.html", values, context=context)


@router.post("/settle")
def settle(context: CsrfChecked, resolution: Posted = "", filter: Posted = "") -> Response:  # noqa: A002
    """Settle the records that a filter finds, the first 10,000 of them."""
    asked = QueryParams(filter)
    try:
        settled = context.drip.records.unknown.settle(resolution, _filter(context.drip, asked), most=SETTLED_LIMIT)
    except InvalidInput as error:
        return back(_where(asked), refused=str(error))
    return back(_where(asked), done=_settled_text(settled), refused=_left_text(settled))


@router.post("/evidence")
async def hand_over(request: Request) -> Response:
    """Keep an export until its person has seen what it proves."""
    owner = await run_in_threadpool(_owner, request)
    try:
        async with form_within(request, pool_of(request).uploads) as form:
            check_form(request, str(form.get("csrf", "")), owner.csrf)
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise InvalidFile("No file was chosen: choose what the provider exports, as .csv or .xlsx.")
            keep = partial(pool_of(request).uploads.keep, owner=owner.csrf, now=owner.drip.now())
            waiting = await run_in_threadpool(keep, file.file, file.filename)
            asked = {name: str(form.get(name, "")) for name in ("zone", "channel", "minutes")}
    except InvalidInput as error:
        return back("/unknown", refused=str(error))
    return RedirectResponse(f"/unknown/evidence/{waiting.key}?{urlencode(asked)}", 303)


@router.get("/evidence/{key}")
def plan_by_evidence(request: Request, context: CurrentUser, key: str) -> Response:
    """Say what an export proves, and which records it leaves."""
    asked = request.query_params
    try:
        waiting = _waiting(request, context, key)
        planned = context.drip.records.unknown.plan_settle_by_evidence(_evidence(context.drip, waiting, asked))
    except InvalidInput as error:
        return back("/unknown", refused=str(error))
    written = {name: asked.get(name, "") for name in ("zone", "channel", "minutes")}
    values = _shown(planned, f"/unknown/evidence/{waiting.key}", written, "/unknown")
    return page(request, "records/unknown_plan.html", values, context=context)


@router.post("/evidence/{key}")
def settle_by_evidence(
    request: Request, context: CsrfChecked, key: str, zone: Posted = "", channel: Posted = "", minutes: Posted = ""
) -> Response:
    """Settle what an export proves."""
    asked = QueryParams({"zone": zone, "channel": channel, "minutes": minutes})
    try:
        waiting = _waiting(request, context, key)
        settled = context.drip.records.unknown.settle_by_evidence(_evidence(context.drip, waiting, asked))
    except InvalidInput as error:
        return back("/unknown", refused=str(error))
    upload = pool_of(request).uploads.take(waiting)
    if upload is not None:
        let_go(upload)
    return back("/unknown", done=_settled_text(settled), refused=_left_text(settled))


def _filter(drip: Dripline, asked: QueryParams) -> UnknownFilter:
    """Read from an address which unknown records it asks for; times are in the workspace's zone."""
    step, leads = asked.get("step", "").strip(), asked.get("leads", "").split()
    if step and not (step.isascii() and step.isdecimal() and len(step) <= DIGITS):
        raise InvalidFilter(f"{step[:40]!r} is no step: write its number.")
    zone = ZoneInfo(drip.workspace.state().workspace.zone)
    return UnknownFilter(
        asked.get("sequence") or None,
        step=int(step) if step else None,
        channel=asked.get("channel") or None,
        sender=asked.get("sender") or None,
        worker=asked.get("worker") or None,
        since=_instant(asked.get("since"), zone),
        until=_instant(asked.get("until"), zone),
        leads=leads or None,
        with_ended=bool(asked.get("with_ended")),
    )


def _instant(written: str | None, zone: ZoneInfo) -> datetime | None:
    if not written:
        return None
    try:
        read = datetime.fromisoformat(written.strip())
    except ValueError:
        raise InvalidFilter(f"{written[:40]!r} is no time: write one such as 2026-01-31 08:00.") from None
    return read if read.tzinfo else read.replace(tzinfo=zone)


def _evidence(drip: Dripline, waiting: Waiting, asked: QueryParams) -> Evidence:
    minutes = asked.get("minutes") or "10"
    if not (minutes.isascii() and minutes.isdecimal() and len(minutes) <= len("1440")):
        raise InvalidFilter(f"{minutes[:40]!r} is no number of minutes: write one such as 10.")
    zone = asked.get("zone", "").strip()
    clocks, channel = clocks_of(zone) if zone else None, asked.get("channel") or None
    read = drip.records.unknown.read_evidence(waiting.upload.path, zone=clocks, channel=channel)
    return replace(read, within=timedelta(minutes=int(minutes)))


def _owner(request: Request) -> PageContext:
    with context_of(request) as context:
        return context


def _waiting(request: Request, context: PageContext, key: str) -> Waiting:
    return pool_of(request).uploads.get(key, owner=context.csrf, now=context.drip.now())


def _written(asked: QueryParams) -> str:
    """Return the filter of an address, without what was told on it."""
    return urlencode([(name, value) for name, value in asked.multi_items() if name in FIELDS and value])


def _where(asked: QueryParams) -> str:
    query = _written(asked)
    return f"/unknown?{query}" if query else "/unknown"


def _shown(planned: Settled, action: str, fields: dict[str, str], where: str) -> dict[str, object]:
    return {
        "planned": planned,
        "left": planned.left[:LEFT_SHOWN],
        "most": SETTLED_LIMIT,
        "effects": [(effect, planned.count(effect)) for effect in Effect if planned.count(effect)],
        "action": action,
        "fields": fields,
        "where": where,
    }


def _settled_text(settled: Settled) -> str:
    return " ".join(_sentences(settled)) or "No record was settled."


def _sentences(settled: Settled) -> Iterator[str]:
    for effect in Effect:
        if count := settled.count(effect):
            yield f"{counted(count, 'record')} {'is' if count == 1 else 'are'} {effect.told}."


def _left_text(settled: Settled) -> str:
    count = len(settled.left)
    if not count:
        return ""
    first = settled.left[0]
    others = f", and {count - 1:,} others" if count > 1 else ""
    return f"Left as it is: record {first.record_id}, {first.reason}{others}."
