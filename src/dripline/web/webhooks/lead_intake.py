"""Where leads are handed in: ``/intake/NAME``, by a website's form or by a program of somebody else's.

Whoever posts proves itself by the key in the URL, by a signature after Standard Webhooks, or by a token that may add
leads. The same lead twice is one lead, and enrolled once.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dripline.channels.http.foreign_json import NOTHING, as_object, read_json
from dripline.core.accounts.access import Actor, Scope
from dripline.core.leads.source import LeadSource
from dripline.errors import InvalidSource
from dripline.importing.leads.lead_payload import FIELDS_LIMIT, read_lead_payload
from dripline.web.connection_pool import ConnectionPool
from dripline.web.errors import is_program, problem
from dripline.web.render import page
from dripline.web.security.auth import pool_of
from dripline.web.security.client_address import prove

BODY_LIMIT = 2**16
"""The largest post that is taken, in bytes: a lead with a hundred attributes is a tenth of it."""

REDIRECT = "redirect"
"""The field by which a form says where its browser goes afterwards: the source's own page, or nowhere."""

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class IntakePost:
    """What came in, before anybody has looked at it."""

    name: str
    key: str = field(kw_only=True, repr=False)
    token: str = field(kw_only=True, repr=False)
    headers: Mapping[str, str] = field(kw_only=True, repr=False)
    body: bytes = field(kw_only=True, repr=False)

    @property
    def kind(self) -> str:
        """What its body says that it is."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _posted(request: Request) -> Response:
    body = await request.body()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    post = IntakePost(
        request.path_params["name"],
        key=request.query_params.get("key", ""),
        token=token.strip() if scheme.lower() == "bearer" else "",
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )
    return await _add_posted(request, pool_of(request), post)


INTAKE = Route("/intake/{name}", _posted, methods=["POST"])
"""The route by which leads are handed in."""


async def _add_posted(request: Request, pool: ConnectionPool, post: IntakePost) -> Response:
    who = await asyncio.to_thread(_let_in, pool, post)
    if who is None:
        remedy = "Bring the key of the source in the URL, sign the post with its secret, or give a token."
        return problem(request, 401, remedy, {"www-authenticate": "Bearer"})
    prove(request)
    source, actor = who
    fields = await _read(post)
    is_back = _leads_back(source, fields)
    result = await asyncio.to_thread(_add, pool, source, actor, fields)
    if is_program(request) and not is_back:
        return JSONResponse(result)
    if source.return_url is not None:
        return RedirectResponse(source.return_url, 303)
    return page(request, "leads/intake_thanks.html")


def _let_in(pool: ConnectionPool, post: IntakePost) -> tuple[LeadSource, Actor] | None:
    """Return who hands in, and as whom it acts; None if it proves nothing."""
    with pool.acquire() as drip:
        if post.token:
            actor = drip.accounts.actor_of_token(post.token)
            return None if actor is None else (drip.as_actor(actor).sources.get(post.name), actor)
        source = drip.sources.of_post(post.name, key=post.key, headers=post.headers, body=post.body)
        if source is None:
            return None
        return source, Actor(f"source {source.name}", scopes=frozenset({Scope.LEADS_WRITE}))


def _add(pool: ConnectionPool, source: LeadSource, actor: Actor, fields: Fields) -> dict[str, object]:
    payload = read_lead_payload(source, fields)
    with pool.acquire() as drip:
        done = drip.as_actor(actor).add_lead(**payload.lead)
    return {
        "added": done.added,
        "updated": done.updated,
        "enrolled": done.enrolled,
        "triggers": list(payload.lead.get("triggers") or ()),
        "left_out": list(payload.left_out),
    }


async def _read(post: IntakePost) -> dict[str, object]:
    """Return the fields of a post, whichever of the three ways they are written.

    Raises:
        InvalidSource: They cannot be read.
    """
    try:
        if post.kind == FORM:
            return _gathered(parse_qsl(post.body.decode(), keep_blank_values=True, max_num_fields=FIELDS_LIMIT))
        if post.kind == PARTS:
            return _gathered(await _parts(post))
        given = as_object(read_json(post.body))
    except (ValueError, MultiPartException) as error:
        raise InvalidSource(_UNREADABLE) from error
    if given is NOTHING:
        raise InvalidSource(_UNREADABLE)
    return {**given}


_UNREADABLE = (
    'The body cannot be read: post a form, or JSON such as {"phone": "60123456789", "name": "Aina"} '
    "with content-type: application/json."
)


async def _parts(post: IntakePost) -> list[tuple[str, str]]:
    """Return the texts of a form in parts; files are left out."""

    async def whole() -> AsyncGenerator[bytes]:
        yield post.body

    parser = MultiPartParser(Headers(post.headers), whole(), max_files=10, max_fields=FIELDS_LIMIT)
    try:
        form = await parser.parse()
    except KeyError as error:
        raise InvalidSource(_UNREADABLE) from error
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    await form.close()
    return texts


def _gathered(pairs: list[tuple[str, str]]) -> dict[str, object]:
    """Return fields by name; one that is there several times holds a list."""
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in texts.items()}


def _leads_back(source: LeadSource, fields: dict[str, object]) -> bool:
    """Take out where a form leads its browser, and return whether it does.

    Raises:
        InvalidSource: It leads elsewhere than the source says.
    """
    named = fields.pop(REDIRECT, None)
    if named is None or named == "":
        return False
    if named != source.return_url:
        raise InvalidSource(
            "The field redirect names another page than this source has: leave it out, or make the source with it."
        )
    return True
