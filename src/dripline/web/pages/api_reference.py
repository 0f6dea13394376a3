"""The API's documentation: made of its own description, so that it says what this version does; and its problems."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.web.error_codes import KINDS, PAGE
from dripline.web.openapi import reference
from dripline.web.render import page
from dripline.web.security.auth import CurrentUser

router = APIRouter()


@router.get("/api")
def documentation(request: Request, context: CurrentUser) -> Response:
    """Show everything a program can ask."""
    described = request.app.openapi()
    values = {"about": described["info"]["description"], "nouns": reference.nouns(described)}
    return page(request, "api/reference.html", {**values, "host": request.url.netloc}, context=context)


@router.get(PAGE)
def problems(request: Request) -> Response:
    """Tell what each code of a problem means, whoever asks: the `type` of every problem leads here."""
    return page(request, "api/error_codes.html", {"kinds": KINDS.values()})
