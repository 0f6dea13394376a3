"""Old addresses of pages lead to the new ones: a bookmark, or a link in a mail, still opens."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from dripline.web.security.auth import page_context

router = APIRouter()

MOVED = {"/lead/": "/leads/", "/record/": "/messages/", "/records/": "/messages/"}
"""Where the pages of a noun are, by where they were."""

RENAMED = {"/records": "/messages", "/activity": "/messages", "/processor": "/settings/system"}
"""Where a page is, by where it was."""


def _moved(request: Request) -> Response:
    old = next(old for old in MOVED if request.scope["path"].startswith(old))
    # As it was written: what is escaped in a name stays so.
    rest = request.scope["raw_path"].split(b"?", 1)[0].decode("latin-1").split("/", 2)[2]
    return _lead_to(request, f"{MOVED[old]}{rest}")


def _renamed(request: Request) -> Response:
    return _lead_to(request, RENAMED[request.scope["path"]])


def _lead_to(request: Request, where: str) -> Response:
    return RedirectResponse(f"{where}?{request.url.query}" if request.url.query else where, 308)


for _old in MOVED:
    router.add_api_route(f"{_old}{{rest:path}}", _moved, dependencies=[Depends(page_context)])
for _old in RENAMED:
    router.add_api_route(_old, _renamed, dependencies=[Depends(page_context)])
