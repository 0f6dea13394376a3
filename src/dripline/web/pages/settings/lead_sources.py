"""Sources of leads: who hands leads in by posts of their own, and what to write into a website or a program."""

import re
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from dripline.core.leads.source import NewSource
from dripline.errors import DriplineError
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext
from dripline.web.security.reverse_proxy import base_of

HERE = "/settings/intake"

EXAMPLE_ATTRIBUTES = "niche, target_status, device"
"""What is kept of a lead beside its own fields, unless somebody writes otherwise."""

Posted = Annotated[str, Form(max_length=5_000)]

router = APIRouter(prefix=HERE)


@router.get("")
def sources(request: Request, context: CurrentUser) -> Response:
    """Show who hands leads in."""
    return _sources(request, context)


@router.post("")
def create_source(  # noqa: PLR0913, PLR0917  (a form has as many fields)
    request: Request,
    context: CsrfChecked,
    name: Posted,
    triggers: Posted = "",
    names_triggers: Posted = "",
    keeps: Posted = "",
    return_url: Posted = "",
) -> Response:
    """Let somebody hand leads in; what it proves itself by is shown once."""
    try:
        made = context.drip.sources.create(
            name,
            triggers=list(_words(triggers)),
            names_triggers=bool(names_triggers),
            keeps=list(_words(keeps)),
            return_url=return_url,
        )
    except DriplineError as error:
        written = {"name": name, "triggers": triggers, "keeps": keeps, "return_url": return_url}
        return _sources(request, context, written, refused=str(error))
    return _sources(request, context, made=made)


@router.post("/{name}/drop")
def drop_source(context: CsrfChecked, name: str) -> Response:
    """Take nothing more from a source."""
    if context.drip.sources.drop(name):
        return back(HERE, done=f"Nothing more is taken from {name}; its leads stay.")
    return back(HERE, refused=f"There is no source {name}: it was dropped before.")


def _sources(
    request: Request,
    context: PageContext,
    written: dict[str, str] | None = None,
    *,
    refused: str = "",
    made: NewSource | None = None,
) -> Response:
    drip = context.drip
    values = {
        "sources": drip.sources.all(),
        "refusals": _refusals(context),
        "written": {"name": "", "triggers": "", "keeps": EXAMPLE_ATTRIBUTES, "return_url": "", **(written or {})},
        "refused": refused,
        "made": made,
        "base": f"{base_of(request)}intake/",
        "now": drip.now(),
    }
    return page(request, "settings/lead_sources.html", values, context=context, status=422 if refused else 200)


def _refusals(context: PageContext) -> dict[str, int]:
    """Return how many posts proved nothing in the last 30 days, by the source that they named."""
    counted: dict[str, int] = {}
    for one in context.drip.inbox.refused_posts():
        kind, _, name = one.channel.partition(" ")
        if kind == "intake":
            counted[name] = counted.get(name, 0) + one.posts
    return counted


def _words(written: str) -> Iterator[str]:
    yield from (word for word in re.split(r"[,;\n]", written) if word.strip())
