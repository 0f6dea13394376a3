"""Dataclasses as plain values, field by field: what JSON can hold, and a person can read."""

from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import timedelta
from typing import Any, cast

from dripline.core.time.schedule import format_delay


def default_of(field: "Field[Any]") -> object:
    """Return what a field has where nobody gives it; MISSING where it must be given."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def plain(value: object) -> object:
    """Return a value as JSON has it: a dataclass by its fields, a span of time as it is written."""
    match value:
        case timedelta():
            return format_delay(value)
        case str():
            return str(value)
        case Mapping():
            return {key: plain(one) for key, one in cast("Mapping[str, object]", value).items()}
        case Listing():
            return [plain(one) for one in cast("Listing[object]", value)]
        case _ if is_dataclass(value):
            return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
        case _:
            return value
