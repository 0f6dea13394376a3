"""Dataclasses as plain values, field by field: what JSON can hold, and a person can read."""

from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import timedelta
from typing import Any, cast

from dripline.core.time.schedule import format_delay
from dripline.core.time.send_window import SendWindow

INLINE = {"policy", "pace"}
"""Parts whose fields stand beside those of the whole, wherever it is written."""


def default_of(field: "Field[Any]") -> object:
    """Return what a field has where nobody gives it; MISSING where it must be given."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def plain(value: object) -> Any:  # noqa: ANN401  (what JSON holds has no other type)
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
            return {name: one for field in fields(value) for name, one in _named(value, field.name)}
        case _:
            return value


def _named(of: object, name: str) -> list[tuple[str, Any]]:
    """Return what a field is written as: one key, those of its parts, or hours and holidays."""
    value: object = getattr(of, name)
    if isinstance(value, SendWindow):
        written = value.as_json()
        return [(name, written["hours"]), ("holidays", written.get("holidays", []))]
    if name in INLINE:
        return list(plain(value).items())
    return [] if name == "window" else [(name, plain(value))]
