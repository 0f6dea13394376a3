"""The kit: every component in each of its states, for whoever builds a page; `serve --kit` shows it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.web.layout.icons import ICONS
from dripline.web.render import page
from dripline.web.security.auth import CurrentUser

router = APIRouter(include_in_schema=False)


@router.get("/_kit")
def kit(request: Request, context: CurrentUser) -> Response:
    """Show every component."""
    return page(request, "kit/kit.html", {"icons": sorted(ICONS)}, context=context)
