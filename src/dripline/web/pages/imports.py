"""Imports: a list handed over, its columns told, what it would do, how far it is, and taking it back."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams, UploadFile
from starlette.responses import RedirectResponse, Response

from dripline.app import Dripline
from dripline.core.accounts.access import Actor
from dripline.core.views.imports import Import, ImportState
from dripline.errors import DriplineError, InvalidFile, InvalidImport
from dripline.importing.column_meaning import ColumnMeaning, Part
from dripline.importing.leads.mapping import attribute_at
from dripline.importing.leads.upload import UPLOAD_LIMIT, ImportOptions, Upload, UploadPreview
from dripline.importing.reading import Reading
from dripline.importing.tables.csv_safety import csv_line
from dripline.web.connection_pool import ConnectionPool
from dripline.web.downloads import csv_download
from dripline.web.import_jobs import AT_FIRST, begin_undo, is_under_way
from dripline.web.import_jobs import begin as begin_import
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext, check_form, context_of, pool_of
from dripline.web.uploads.uploads import Planning, Waiting, form_within

REFUSED_SHOWN = 20
"""How many refused rows a report shows; the file has the others."""

COLUMNS_SHOWN = 300
"""The most columns that can be told apart by hand."""

ROW_DIGITS = 8
"""Numbers of rows have fewer digits than this."""

router = APIRouter(prefix="/imports")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is shown: what it is taken for, and what it could be."""

    name: str
    chosen: str = field(kw_only=True)
    choices: tuple[str, ...] = field(kw_only=True)


@router.get("")
def imports(
    request: Request, context: CurrentUser, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> Response:
    """List the imports, and take in a list."""
    drip = context.drip
    values = {"imports": drip.imports.latest(before=before), "limit": UPLOAD_LIMIT // 1_000_000, "now": drip.now()}
    return page(request, "imports/list.html", values, context=context)


@router.post("")
async def hand_over(request: Request) -> Response:
    """Keep a list until its person has said how it is to be read."""
    owner = await run_in_threadpool(_owner, request)
    try:
        async with form_within(request, pool_of(request).uploads) as form:
            check_form(request, str(form.get("csrf", "")), owner.csrf)
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise InvalidFile("No file was chosen: choose one that ends in .csv or .xlsx.")
            keep = partial(pool_of(request).uploads.keep, owner=owner.csrf, now=owner.drip.now())
            waiting = await run_in_threadpool(keep, file.file, file.filename)
    except DriplineError as error:
        return back("/imports", refused=str(error))
    return RedirectResponse(f"/imports/waiting/{waiting.key}", 303)


@router.get("/sample.csv")
def sample(request: Request) -> Response:
    """Return a list to begin with, whose trigger starts a sequence that is there."""
    with context_of(request) as context:
        states = context.drip.sequences.all()
    trigger = states[0].sequence.trigger if states else "WARMEXAMA"
    rows = (
        ("name", "phone", "email", "trigger", "target_status"),
        ("Aina", "60123456789", "aina@example.com", trigger, "prospect"),
        ("Badrul", "+60 12-345 6780", "", trigger, "customer"),
    )
    return csv_download(map(csv_line, rows), "leads-sample.csv")


@router.get("/waiting/{key}")
def columns(request: Request, context: CurrentUser, key: str) -> Response:
    """Show a list's columns, what each is taken for, and its first rows with what is wrong in each cell."""
    waiting = _waiting(request, context, key)
    try:
        shown, problem = _preview(context.drip, waiting.upload, request.query_params)
    except InvalidFile as error:
        pool_of(request).uploads.drop(waiting)
        return back("/imports", refused=str(error))
    values = {
        "waiting": waiting,
        "shown": shown,
        "problem": problem,
        "columns": _columns(shown),
        "has_trigger": any(column.meaning.part is Part.TRIGGER for column in shown.columns),
        "triggers": sorted({state.sequence.trigger for state in context.drip.sequences.all()}),
    }
    return page(request, "imports/columns.html", values, context=context)


@router.get("/waiting/{key}/plan")
def plan(request: Request, context: CurrentUser, key: str) -> Response:
    """Say what importing a list would do, once that is known, and how far it is until then."""
    waiting = _waiting(request, context, key)
    changed = f"/imports/waiting/{key}?{request.query_params}"
    try:
        wanted = _options(request.query_params, context.user.name)
    except DriplineError as error:
        return back(changed, refused=str(error))
    if request.query_params.get("of") not in {None, context.drip.imports.read(waiting.upload, wanted).shape}:
        return back(changed, refused="The list is read in another way now: say once more what its columns are.")
    background, planning = pool_of(request).jobs, waiting.planning
    if planning is None or planning.options != wanted:
        planning = waiting.planning = Planning(wanted)
        work = partial(_plan, pool_of(request), upload=waiting.upload, planning=planning, actor=context.user.actor)
        background.begin(planning.number, work)
    is_busy = background.is_doing(planning.number, timeout=AT_FIRST)
    if not is_busy and planning.plan is None:
        waiting.planning = None
        return back(changed, refused=planning.problem or "The list could not be read to its end: try again.")
    values = {"waiting": waiting, "planning": planning, "is_busy": planning.plan is None, "changed": changed}
    return page(request, "imports/plan.html", values, context=context)


@router.post("/waiting/{key}/begin")
def begin(
    request: Request, context: CsrfChecked, key: str, number: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Bring a list in as it was planned."""
    pool, waiting = pool_of(request), _waiting(request, context, key)
    planning = waiting.planning
    if planning is None or planning.number != number:
        return back(f"/imports/waiting/{key}", refused="This list was looked at anew meanwhile: look at it once more.")
    upload = pool.uploads.take(waiting)
    if upload is None:
        return back("/imports", refused=f"{waiting.upload.name} is being imported already: it is in this list.")
    begun = begin_import(pool, context.drip, upload, planning.options, context.user.actor)
    return RedirectResponse(f"/imports/{begun.id}", 303)


@router.post("/waiting/{key}/drop")
def drop(request: Request, context: CsrfChecked, key: str) -> Response:
    """Let a list go that will not come in."""
    with suppress(InvalidImport):
        pool_of(request).uploads.drop(_waiting(request, context, key))
    return back("/imports", done="The list was let go; nothing of it came in.")


@router.get("/{import_id}")
def report(request: Request, context: CurrentUser, import_id: int) -> Response:
    """Show how far an import is, or what it did."""
    drip, done = context.drip, _found(context, import_id)
    is_busy = done.state is ImportState.RUNNING or is_under_way(pool_of(request), import_id)
    values = {
        "done": done,
        "is_busy": is_busy,
        "refused": list(islice(drip.imports.refused_rows(import_id), REFUSED_SHOWN)),
        "now": drip.now(),
    }
    return page(request, "imports/import.html", values, context=context)


@router.get("/{import_id}/refused.csv")
def refused(request: Request, import_id: int) -> Response:
    """Return the rows that an import refused, to be corrected and imported again."""
    with context_of(request) as context:
        done = _found(context, import_id)
        return csv_download(context.drip.imports.refused_csv(import_id), f"refused-{done.id}.csv")


@router.get("/{import_id}/undo")
def undo_page(request: Request, context: CurrentUser, import_id: int) -> Response:
    """Say what undoing an import would do."""
    values = {"done": _found(context, import_id), "undoing": context.drip.imports.plan_undo(import_id)}
    return page(request, "imports/undo.html", values, context=context)


@router.post("/{import_id}/undo")
def undo(request: Request, context: CsrfChecked, import_id: int) -> Response:
    """Take back what an import did, beside the answers."""
    if _found(context, import_id).state is ImportState.RUNNING:
        return back(f"/imports/{import_id}", refused="It still runs: undo it when it has ended.")
    begin_undo(pool_of(request), import_id, context.user.actor)
    return RedirectResponse(f"/imports/{import_id}", 303)


def _owner(request: Request) -> PageContext:
    """Return who hands a list over; their connection is given back before the first byte of it is read."""
    with context_of(request) as context:
        return context


def _waiting(request: Request, context: PageContext, key: str) -> Waiting:
    try:
        return pool_of(request).uploads.get(key, owner=context.csrf, now=context.drip.now())
    except InvalidImport as error:
        raise HTTPException(404, str(error)) from None


def _found(context: PageContext, import_id: int) -> Import:
    try:
        return context.drip.imports.get(import_id)
    except InvalidImport:
        raise HTTPException(404, f"There is no import {import_id}: see the list of imports.") from None


def _options(asked: QueryParams, who: str) -> ImportOptions:
    """Read how a list is to be read from what was chosen."""
    chosen = asked.getlist("column")
    header_row = asked.get("header", "").strip()
    if header_row and not (header_row.isascii() and header_row.isdigit() and len(header_row) < ROW_DIGITS):
        raise InvalidFile(f"There is no row {header_row[:20]!r}: write the number of the row that names the columns.")
    return ImportOptions(
        reading=Reading(
            encoding=asked.get("encoding", "").strip() or None,
            delimiter=asked.get("delimiter", "").strip() or None,
            sheet=asked.get("sheet", "").strip() or None,
            header_row=int(header_row) if header_row else None,
        ),
        meanings=tuple(map(ColumnMeaning.read, chosen)) if chosen else None,
        trigger=asked.get("trigger", "").strip() or None,
        region=asked.get("region", "").strip().upper() or None,
        without_trigger=bool(asked.get("without")),
        who=who,
    )


def _preview(drip: Dripline, upload: Upload, asked: QueryParams) -> tuple[UploadPreview, str]:
    """Return a list as it would be read, and what is wrong with the choices, which then do not count.

    A file that is read in another way than it was when its columns were told has others: they are guessed anew.
    """
    shown, problem = None, ""
    try:
        options = _options(asked, "")
        shown = drip.imports.read(upload, options)
        if asked.get("of", shown.shape) != shown.shape:
            shown = drip.imports.read(upload, replace(options, meanings=None))
    except DriplineError as error:
        problem = str(error)
    shown = shown or drip.imports.read(upload)
    if len(shown.columns) > COLUMNS_SHOWN:
        raise InvalidFile(f"{upload.name} has more than {COLUMNS_SHOWN} columns: delete those that nobody needs.")
    return shown, problem or shown.problem or ""


def _columns(shown: UploadPreview) -> list[Column]:
    found: list[Column] = []
    for at, column in enumerate(shown.columns):
        attribute = str(attribute_at(at, column.name))
        chosen = str(column.meaning)
        own = [part for part in Part if part not in {Part.ATTRIBUTE, Part.NOTHING}]
        choices = dict.fromkeys([*map(str, own), attribute, chosen, str(Part.NOTHING)])
        found.append(Column(column.name, chosen=chosen, choices=tuple(choices)))
    return found


def _plan(pool: ConnectionPool, drip: Dripline, *, upload: Upload, planning: Planning, actor: Actor) -> None:
    def note(share: float) -> None:
        pool.jobs.check()
        planning.share = share

    try:
        planning.plan = drip.as_actor(actor).imports.plan(upload, planning.options, on_progress=note)
    except DriplineError as error:
        planning.problem = str(error)
