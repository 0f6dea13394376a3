"""A schema as YAML writes it: the same keys, where every value is text, a list of texts, or keys of its own."""

from collections.abc import Mapping
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, StringConstraints, create_model

from dripline.schema.base import Schema

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
OptionalText = Annotated[str | None, StringConstraints(strip_whitespace=True, min_length=1)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{1,7}$")]
YesNo = Literal["yes", "no"]


def as_text(schema: type[Schema], *, without: tuple[str, ...] = (), **instead: Any) -> type[BaseModel]:  # noqa: ANN401
    """Return what a document is checked against: the keys of a schema, but for those that are written `instead`.

    What is given `instead` is a kind of value and a default, as pydantic takes them.
    """
    keys: dict[str, Any] = {
        name: (kind_of(field.annotation), ... if field.is_required() else None)
        for name, field in schema.model_fields.items()
        if name not in without
    }
    return create_model(
        f"{schema.__name__}AsText", __config__=ConfigDict(extra="forbid", strict=True), **keys | instead
    )


def given_by(text: BaseModel, schema: type[Schema]) -> dict[str, Any]:
    """Return the values that a document gives, as the fields of a schema hold them."""
    return values_of(text.model_dump(exclude_unset=True), schema)


def values_of(keys: Mapping[str, Any], schema: type[Schema]) -> dict[str, Any]:
    """Return what keys hold as the fields of a schema hold it: yes or no, numbers, and texts as they are."""
    kinds = {name: field.annotation for name, field in schema.model_fields.items()}
    return {name: _value(value, kinds.get(name)) for name, value in keys.items()}


def kind_of(annotation: Any) -> Any:  # noqa: ANN401  (a type, of whatever kind)
    """Return the kind of text that a field of a schema is written as."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind_of(inner[0])
    if origin in {Union, UnionType}:
        return Union[tuple(kind_of(one) for one in inner)]  # noqa: UP007  (of as many as there are)
    if origin is list:
        return list[kind_of(inner[0])]
    if origin is dict:
        return dict[str, object if _is_schema(inner[1]) else str]
    return _plain_kind(annotation)


def _plain_kind(annotation: Any) -> Any:  # noqa: ANN401  (a type, of whatever kind)
    if annotation is type(None):
        return annotation
    known: dict[object, Any] = {bool: YesNo, int: Number, str: Text}
    return known.get(annotation, Text if _is_word(annotation) else object)


def _value(value: object, kind: object) -> object:
    if kind is bool:
        return value == "yes"
    if value is not None and kind in {int, int | None}:
        return int(str(value))
    if kind_of(kind) == list[Number]:
        return [int(one) for one in cast("list[str]", value)]
    return value


def _is_word(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, StrEnum)


def _is_schema(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Schema)
