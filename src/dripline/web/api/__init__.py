"""The API, ``/api/v1``: everything a program can ask over HTTP, a file for each noun."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from dripline.web.api import (
    access,
    events,
    imports,
    leads,
    records,
    reports,
    senders,
    sequence_life,
    sequences,
    simulate,
    sources,
    unknown,
)
from dripline.web.api.answers import PROBLEMS as PROBLEMS
from dripline.web.description import PREFIX
from dripline.web.gate import Calling

ABOUT = """
What the command line and the dashboard can do, for programs. Instants are ISO 8601 in UTC, lists come a page at a time
with the cursors of the pages after and before, and whatever is wrong is a problem document (RFC 9457) whose `detail`
says what to do. A write that lists an `Idempotency-Key` may carry one: a second copy of it within 24 hours gets the
first answer and changes nothing.
"""

router = APIRouter(prefix=PREFIX)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, drip: Calling) -> Response:
    """Return the API's own description, OpenAPI 3.1, to whoever has a token."""
    del drip  # let in is enough
    return JSONResponse(request.app.openapi())


for noun in (
    leads,
    imports,
    sequences,
    sequence_life,
    records,
    senders,
    reports,
    simulate,
    events,
    sources,
    unknown,
    access,
):
    router.include_router(noun.router)
