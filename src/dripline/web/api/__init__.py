"""The API, ``/api/v1``: everything a program can ask over HTTP, a file for each noun."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from dripline.web.api import (
    accounts,
    credentials,
    events,
    imports,
    lead_sources,
    leads,
    records,
    reports,
    senders,
    sequence_lifecycle,
    sequences,
    simulate,
    today,
    unknown_records,
)
from dripline.web.api.responses import PROBLEMS as PROBLEMS
from dripline.web.openapi.description import PREFIX
from dripline.web.security.auth import ApiClient

ABOUT = """
What the command line and the dashboard can do, for programs. Instants are ISO 8601 in UTC, lists come a page at a time
with the cursors of the pages after and before, and whatever is wrong is a problem document (RFC 9457) whose `detail`
says what to do. A write that lists an `Idempotency-Key` may carry one: a second copy of it within 24 hours gets the
first answer and changes nothing.
"""

router = APIRouter(prefix=PREFIX)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, drip: ApiClient) -> Response:
    """Return the API's own description, OpenAPI 3.1, to whoever has a token."""
    del drip  # let in is enough
    return JSONResponse(request.app.openapi())


for noun in (
    leads,
    imports,
    sequences,
    sequence_lifecycle,
    records,
    senders,
    credentials,
    reports,
    today,
    simulate,
    events,
    lead_sources,
    unknown_records,
    accounts,
):
    router.include_router(noun.router)
