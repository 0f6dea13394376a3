"""Lists of leads over the API: handed over, planned, brought in, looked after and taken back."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, UploadFile
from pydantic import Field

from dripline.app import Dripline
from dripline.app.imports import ImportPlan
from dripline.core.leads.import_undo import ImportUndo
from dripline.core.leads.rejected_row import RefusedRow
from dripline.core.views.imports import Import, ImportState
from dripline.errors import InvalidFile, InvalidImport
from dripline.importing.column_meaning import ColumnMeaning
from dripline.importing.leads.upload import ImportOptions, Upload, let_go
from dripline.web.api.leads import Short
from dripline.web.api.responses import Id, RequestBody
from dripline.web.import_jobs import begin, begin_undo
from dripline.web.security.auth import ApiClient, caller_of, pool_of

REFUSED_AT_ONCE = 1_000
"""The most refused rows that one call answers with."""

COLUMNS_LIMIT = 900
"""Of how many columns a call says what they are: a form has 1,000 fields at most, the others of a list included."""

router = APIRouter(tags=["imports"], prefix="/imports")


class ImportBody(RequestBody):
    """A list of leads and how it is to be read."""

    file: UploadFile = Field(
        description="A list as the page of imports takes it, of at most 50 MB.",
        json_schema_extra={"format": "binary"},
    )
    trigger: Short = Field(default="", description="Given to every lead besides its own.")
    region: Short = Field(default="", description="Where a phone without its country is dialled: MY.")
    without_trigger: bool = Field(default=False, description="Take a list that names no trigger.")
    columns: list[Short] = Field(
        default=[],
        max_length=COLUMNS_LIMIT,
        description="What each column is, in their order: `phone`, `email`, `name`, `trigger`, `zone`, "
        "`attribute niche`, `leave out`. Without them the importer goes by the names of the columns.",
    )

    def options(self, who: str) -> ImportOptions:
        """Return how the list is to be read.

        Raises:
            InvalidInput: A column cannot be that.
        """
        return ImportOptions(
            meanings=tuple(map(ColumnMeaning.read, self.columns)) or None,
            trigger=self.trigger.strip() or None,
            region=self.region.strip().upper() or None,
            without_trigger=self.without_trigger,
            who=who,
        )


HandedOver = Annotated[ImportBody, Form(media_type="multipart/form-data")]


@router.post("")
def import_leads(request: Request, drip: ApiClient, wanted: HandedOver) -> Import:
    """Bring a list in. A long one goes on beside the answers: ask for its import until its `state` says the end.

    The same list again changes nothing that is there already, so a call that was not answered may be made again.
    """
    actor, pool = caller_of(request), pool_of(request)
    options = wanted.options(actor.name)
    with pool.uploads.coming():
        upload = _stored_upload(request, wanted)
    return drip.imports.get(begin(pool, drip, upload, options, actor).id)


@router.post("/plan")
def plan_import(request: Request, drip: ApiClient, wanted: HandedOver) -> ImportPlan:
    """Say what bringing a list in would do; nothing is changed."""
    with pool_of(request).uploads.coming(), _for_now(request, wanted) as upload:
        return drip.imports.plan(upload, wanted.options(caller_of(request).name))


@router.get("")
def list_imports(
    drip: ApiClient,
    before: Annotated[int | None, Query(ge=1, le=2**53 - 1, description="The id of an import.")] = None,
    most: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[Import]:
    """Return imports, the latest first."""
    return drip.imports.latest(before=before, most=most)


@router.get("/{import_id:int}")
def get_import(drip: ApiClient, import_id: Id) -> Import:
    """Return how far an import is, or what it did."""
    return _found(drip, import_id)


@router.get("/{import_id:int}/refused")
def list_refused_rows(
    drip: ApiClient,
    import_id: Id,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="The number of a row.")] = 0,
    most: Annotated[int, Query(ge=1, le=REFUSED_AT_ONCE)] = 100,
) -> list[RefusedRow]:
    """Return the rows that an import refused, from behind a row on, each with its reason."""
    try:
        rows = drip.imports.refused_rows(import_id)
    except InvalidImport as error:
        raise HTTPException(404, str(error)) from None
    return list(islice((row for row in rows if row.number > after), most))


@router.post("/{import_id:int}/undo/plan")
def plan_undo_import(drip: ApiClient, import_id: Id) -> ImportUndo:
    """Say what undoing an import would do now: how many leads it would delete, how many stay and why."""
    _found(drip, import_id)
    return drip.imports.plan_undo(import_id)


@router.post("/{import_id:int}/undo")
def undo_import(request: Request, drip: ApiClient, import_id: Id) -> Import:
    """Take back what an import did. A long one goes on beside the answers, until its `state` is `undone`."""
    if _found(drip, import_id).state is ImportState.RUNNING:
        raise InvalidImport(f"Import {import_id} still runs: undo it when it has ended.")
    begin_undo(pool_of(request), import_id, caller_of(request))
    return _found(drip, import_id)


def _found(drip: Dripline, import_id: int) -> Import:
    try:
        return drip.imports.get(import_id)
    except InvalidImport as error:
        raise HTTPException(404, str(error)) from None


def _stored_upload(request: Request, wanted: ImportBody) -> Upload:
    if not wanted.file.filename:
        raise InvalidFile("The file has no name: hand it over with one that ends as its kind does, such as leads.csv.")
    return pool_of(request).uploads.stored(wanted.file.file, wanted.file.filename)


@contextmanager
def _for_now(request: Request, wanted: ImportBody) -> Generator[Upload]:
    """Keep a list until the block ends."""
    upload = _stored_upload(request, wanted)
    try:
        yield upload
    finally:
        let_go(upload)
