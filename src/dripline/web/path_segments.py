"""Names in addresses: what a name is called in the path of a page or of the API, so that every name can be opened.

A slash in a name is written %2F, which servers read before anybody sees it: `WholeSegments` keeps it apart from the
slashes of the path. Three names cannot be written even so: browsers leave `.` and `..` out, and `new` is the address of
an empty form. Those are written with a ~ in front, and so is a name that would then be taken for one of them.
"""

import re
from typing import Annotated
from urllib.parse import quote, unquote

from pydantic import AfterValidator
from starlette.types import ASGIApp, Receive, Scope, Send

SLASH = "\uffff"
"""Stands for a slash inside a segment of a path; Unicode says that it is never a character of a text."""

_UNWRITABLE = re.compile(r"~*(\.|\.\.|new)")


def in_address(name: str) -> str:
    """Return a name as one segment of an address."""
    return quote(f"~{name}" if _UNWRITABLE.fullmatch(name) else name, safe="@")


def name_in(segment: str) -> str:
    """Return the name that a segment of a path, as an app of ours is given it, stands for."""
    name = segment.replace(SLASH, "/")
    return name[1:] if name.startswith("~") and _UNWRITABLE.fullmatch(name) else name


InAddress = Annotated[str, AfterValidator(name_in)]
"""A name that stands in the path of an address."""


class WholeSegments:
    """Keeps a slash that was written %2F inside its segment, so that a path is cut where whoever wrote it cut it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        written = scope.get("raw_path") or b""
        if scope["type"] == "http" and b"%" in written:
            segments = written.split(b"?", 1)[0].decode("latin-1").split("/")
            scope = {**scope, "path": "/".join(unquote(segment).replace("/", SLASH) for segment in segments)}
        await self._app(scope, receive, send)
