"""What every part of the API answers with: values as JSON, problems as documents, and each write once."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, HTTPException, Path, Request
from fastapi.encoders import jsonable_encoder
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict
from pydantic.config import JsonDict
from pydantic_core import to_json
from starlette.responses import Response

from dripline.app import Dripline
from dripline.web.openapi.description import PROBLEM

KEY_LIMIT = 200
"""How long an Idempotency-Key may be, in characters."""


class RequestBody(BaseModel):
    """What a program writes: unknown fields are refused, so that none is dropped in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


READ_ONLY: JsonDict = {"readOnly": True}
"""What the description says of a field that is told and not written: whoever writes back what was read may leave it in,
and nothing is done by it."""


def shown(example: Mapping[str, Any]) -> ConfigDict:
    """Return the configuration of a body of which the description shows an example."""
    return ConfigDict(json_schema_extra={"examples": [dict(example)]})


_PROBLEMS = {
    400: "The request is not written as this description says; nothing was changed.",
    401: "There is no token, or it is not valid.",
    403: "The token has no right to that.",
    404: "There is none.",
    409: "It cannot be done now, or the key was used for something else.",
    412: "It was changed since it was read.",
    413: "It is larger than what is taken at once.",
    422: "A rule does not allow what was asked for; nothing was changed.",
    429: "Too many tries: wait.",
    503: "The database cannot be reached now: try again.",
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/problem+json": {"schema": PROBLEM}}}
    for status, text in _PROBLEMS.items()
}
"""The problems that any call may answer with."""

Id = Annotated[int, Path(ge=1, le=2**53 - 1)]
"""An id in an address, as large as every JSON reader can hold."""


def _written_out(value: object) -> object:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", value):
        raise ValueError("write an instant as 2026-01-05T08:00:00Z")
    return value


Instant = Annotated[datetime, BeforeValidator(_written_out)]
"""An instant that is written out (RFC 3339): a number is none."""

ZonedInstant = Annotated[AwareDatetime, BeforeValidator(_written_out)]
"""One with its zone."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=KEY_LIMIT,
        pattern=r"^[ -~]+$",
        description="Names this write: a second copy within 24 hours gets the first answer and changes nothing.",
    ),
]


Act = Callable[[], object]
"""Does what a write asks for; returns what is answered."""


def answer(value: object, status: int = 200) -> Response:
    """Answer with a value as JSON."""
    return Response(as_json(value), status, media_type="application/json")


def tag_of(value: object) -> str:
    """Return the ETag of what is answered (RFC 9110): another one as soon as anything in it differs."""
    return f'"{hashlib.sha256(as_json(value).encode()).hexdigest()[:32]}"'


def as_json(value: object) -> str:
    """Write a value, dataclasses and all."""
    return to_json(plain(value)).decode()


def plain(value: object) -> object:
    """Return a value as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return jsonable_encoder(asdict(value))
    return jsonable_encoder(value)


def once(request: Request, drip: Dripline, key: str | None, body: BaseModel | None, act: Act) -> Response:
    """Do what a write asks for and answer; one with a key is done once.

    Raises:
        HTTPException: 409, the key was used for another request.
    """
    if key is None:
        return answer(act())
    asked = f"{request.method} {request.url.path}?{request.url.query} {'' if body is None else body.model_dump_json()}"
    fingerprint = hashlib.sha256(asked.encode()).hexdigest()
    answered = drip.accounts.once(key, fingerprint, lambda: (200, as_json(act())))
    if answered.fingerprint != fingerprint:
        raise HTTPException(409, "This Idempotency-Key was used for another request: give each write its own.")
    return Response(answered.body, answered.status, media_type="application/json")
