"""The API's own description as people read it: what is asked, what is brought, what is answered."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

Schema = Mapping[str, Any]

DEEPEST = 4
"""How far down what holds what is spelt out."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of what is brought or answered; `depth` counts what it is inside of."""

    name: str
    kind: str = field(kw_only=True)
    text: str = field(kw_only=True)
    is_required: bool = field(kw_only=True)
    depth: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that can be asked."""

    noun: str
    method: str = field(kw_only=True)
    path: str = field(kw_only=True)
    text: str = field(kw_only=True)
    parameters: tuple[Field, ...] = field(kw_only=True)
    body: tuple[Field, ...] = field(kw_only=True)
    example: str = field(kw_only=True)
    answer: tuple[Field, ...] = field(kw_only=True)
    answers_with: str = field(kw_only=True)

    @property
    def anchor(self) -> str:
        """What its place on the page is called."""
        return f"{self.method}{self.path}".lower().replace("/", "-").replace("{", "").replace("}", "")


@dataclass(frozen=True, slots=True)
class Noun:
    """What can be asked about one noun."""

    name: str
    calls: tuple[Call, ...] = field(kw_only=True)


def nouns(described: Schema) -> tuple[Noun, ...]:
    """Return everything that an OpenAPI 3.1 description describes, by its nouns, in its order."""
    calls = sorted(_calls(described), key=lambda call: call.noun)
    return tuple(Noun(name, calls=tuple(of_it)) for name, of_it in groupby(calls, key=lambda call: call.noun))


def _calls(described: Schema) -> Iterator[Call]:
    schemas: Schema = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            body = _schema_in(call.get("requestBody", {}))
            answer = _schema_in(call["responses"].get("200", {}))
            yield Call(
                call["tags"][0],
                method=method.upper(),
                path=path,
                text=call.get("description") or call.get("summary", ""),
                parameters=tuple(_parameter(one, schemas) for one in call.get("parameters", [])),
                body=tuple(_fields(body, schemas)),
                example=_example(body, schemas),
                answer=tuple(_fields(answer, schemas)),
                answers_with=_kind(answer, schemas),
            )


def _schema_in(part: Schema) -> Schema:
    content: Schema = part.get("content", {})
    written: Schema = content.get("application/json") or content.get("multipart/form-data") or {}
    return written.get("schema", {})


def _example(body: Schema, schemas: Schema) -> str:
    """Return an example of a body, as it is written; empty where none is given."""
    examples = _inside(body, schemas).get("examples", [])
    return json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else ""


def _parameter(one: Schema, schemas: Schema) -> Field:
    text = one.get("description") or one["schema"].get("description", "")
    where = {"path": "in the path", "query": "", "header": "a header"}[one["in"]]
    return Field(
        one["name"],
        kind=_kind(one["schema"], schemas),
        text=" · ".join(filter(None, (where, text, _default(one["schema"])))),
        is_required=one.get("required", False),
    )


def _fields(schema: Schema, schemas: Schema, depth: int = 0) -> Iterator[Field]:
    """Yield the fields of an object, or of what a list holds, and those of what is inside of them."""
    inner = _inside(schema, schemas)
    for name, of_it in inner.get("properties", {}).items():
        yield Field(
            name,
            kind=_kind(of_it, schemas),
            text=" · ".join(filter(None, (of_it.get("description", ""), _default(of_it)))),
            is_required=name in inner.get("required", []),
            depth=depth,
        )
        if depth < DEEPEST:
            yield from _fields(of_it, schemas, depth + 1)


def _inside(schema: Schema, schemas: Schema) -> Schema:
    """Return the object that a schema means: itself, what it refers to, what its list holds, or its other than null."""
    if "$ref" in schema:
        return schemas[schema["$ref"].rpartition("/")[2]]
    if "items" in schema:
        return _inside(schema["items"], schemas)
    choices = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return _inside(choices[0], schemas) if len(choices) == 1 else schema


def _kind(schema: Schema, schemas: Schema) -> str:
    """Say in a word or two what a value is."""
    if "$ref" in schema:
        return _kind(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return " or ".join(_kind(one, schemas) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), schemas)}"
    return "instant" if schema.get("format") == "date-time" else str(schema.get("type", "nothing"))


def _default(schema: Schema) -> str:
    default = schema.get("default")
    return "" if default in (None, [], {}, "") else f"{default} if left out"
