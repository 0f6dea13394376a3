"""The API's own description, OpenAPI 3.1: every schema under one name, and what a call may bring, asked of it.

What nobody described is refused: a misspelt filter would otherwise list everybody.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from typing_extensions import override

from dripline.web.error_codes import Kind

PREFIX = "/api/v1"
"""What the path of every call begins with."""

Schema = Mapping[str, Any]

Where = tuple[str | int, ...]
"""Where something is wrong in a request: body, steps, 0, message."""


class Problem(BaseModel):
    """What is wrong, and what to do (RFC 9457)."""

    type: str = Field(
        description="Where this server tells of all problems with this code.", examples=["/problems#not_found"]
    )
    title: str
    status: int
    detail: str = Field(description="A sentence that names what is wrong, and what to do.")
    code: str = Field(description="The kind of problem, for programs to go by. A kind keeps its code for good.")

    @classmethod
    def of(cls, kind: Kind, status: int, detail: str) -> "Problem":
        """Return a problem of a kind."""
        return cls(type=kind.link, title=kind.title, status=status, detail=detail, code=kind.code)


PROBLEM: Schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
"""What the description says in place of a problem: that it is one."""


_PAGE_OF = re.compile(r"\bPage_(\w+)_(?!\w)")
"""What Pydantic calls a page of something."""


class Described(FastAPI):
    """An app whose description tells what a problem is, once, and has a name for every schema, which is its title too.

    Generators of clients name what they make by the titles.
    """

    _description: dict[str, Any] | None = None

    @override
    def openapi(self) -> dict[str, Any]:
        """Return the description; it is made once."""
        if self._description is None:
            described: dict[str, Any] = json.loads(_PAGE_OF.sub(r"\1Page", json.dumps(super().openapi())))
            schemas = described["components"]["schemas"]
            schemas[Problem.__name__] = Problem.model_json_schema()
            for name, schema in schemas.items():
                schema["title"] = name
            self._description = described
        return self._description


def operation_id(route: APIRoute) -> str:
    """Return what a call is named in the description, and so in every client that is made of it."""
    return route.name


def unknown_parameter(request: Request) -> str | None:
    """Say which parameter in the query of a call nobody described, or is given twice; None where all is well."""
    asked = request.query_params
    if not asked:
        return None
    known = {one["name"]: one["schema"] for one in _call(request).get("parameters", []) if one["in"] == "query"}
    for name in asked:
        if name not in known:
            names = ", ".join(known)
            remedy = f"known here are {names}" if names else "none is known here"
            return f"There is no parameter {shown(name)}: {remedy}."
        if len(asked.getlist(name)) > 1 and not _is_list(known[name]):
            return f"The parameter {name} was given {len(asked.getlist(name))} times: give it once."
    return None


def known_fields(request: Request, where: Where) -> list[str]:
    """Return the fields that a body may have at a place, as the description has them."""
    schemas: Schema = request.app.openapi()["components"]["schemas"]
    contents = _call(request).get("requestBody", {}).get("content", {})
    found = [content["schema"] for content in contents.values()]
    for part in where:
        found = [inner for schema in _choices(found, schemas) for inner in _inside(schema, part)] or found
    return list(dict.fromkeys(name for schema in _choices(found, schemas) for name in schema.get("properties", {})))


def shown(name: str) -> str:
    """Return a name that somebody wrote as a sentence shows it."""
    return repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")


_SHOWN = 60


def _call(request: Request) -> Schema:
    """Return what is described of the call; nothing if it is not."""
    route, described = request.scope.get("route"), request.app.openapi()
    # A route does not know the prefix of what includes it.
    path = f"{PREFIX}{route.path_format}" if isinstance(route, APIRoute) else ""
    return described["paths"].get(path, {}).get(request.method.lower(), {})


def _is_list(schema: Schema) -> bool:
    return any(one.get("type") == "array" for one in (schema, *schema.get("anyOf", [])))


def _choices(found: Iterable[Schema], schemas: Schema) -> Iterator[Schema]:
    """Yield schemas, with what they refer to and what they may be one of."""
    for schema in found:
        if "$ref" in schema:
            yield from _choices([schemas[schema["$ref"].rpartition("/")[2]]], schemas)
        elif "anyOf" in schema:
            yield from _choices(schema["anyOf"], schemas)
        else:
            yield schema


def _inside(schema: Schema, part: str | int) -> Iterator[Schema]:
    if isinstance(part, int):
        if "items" in schema:
            yield schema["items"]
    elif part in schema.get("properties", {}):
        yield schema["properties"][part]
    else:
        yield from schema.get("patternProperties", {}).values()
        if isinstance(schema.get("additionalProperties"), Mapping):
            yield schema["additionalProperties"]
