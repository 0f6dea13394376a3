"""JSON as providers write it, read without trust in its shape: what is not as expected is as if it were not there."""

import json
from collections.abc import Mapping
from typing import cast

from dripline.core.text import as_text

TEXT_LIMIT = 8_192
"""How much of a text is kept, in characters: twice what WhatsApp's own API takes."""

Object = Mapping[str, object]

NOTHING: Object = {}


def read_json(body: bytes) -> object:
    """Return what a body says.

    Raises:
        ValueError: The body is not JSON, or nested too deep.
    """
    try:
        return cast("object", json.loads(body))
    except RecursionError as error:
        raise ValueError("The body is nested too deep.") from error


def answered(body: bytes) -> Object:
    """Return the object that a provider answered, or nothing."""
    try:
        return as_object(read_json(body))
    except ValueError:
        return NOTHING


def as_object(value: object) -> Object:
    """Return an object, or nothing."""
    return cast("Object", value) if isinstance(value, dict) else NOTHING


def as_objects(value: object) -> list[Object]:
    """Return the objects of a list; whatever else is in it is passed over."""
    return [cast("Object", one) for one in as_list(value) if isinstance(one, dict)]


def as_list(value: object) -> list[object]:
    """Return a list, or an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a text, cut at `TEXT_LIMIT`, or an empty one."""
    return as_text(value, TEXT_LIMIT) if isinstance(value, str) else ""


def phone_of(value: object) -> str | None:
    """Return the digits of a phone, without its plus."""
    digits = text_of(value).removeprefix("+")
    return digits if digits.isascii() and digits.isdecimal() else None
