"""A lead's attributes: text, a number, yes or no, or a list of these; each keeps its type, and has one written form.

What holds nothing (None, blank text, an empty list) is not given: the lead lacks it.
"""

import math
import re
from collections.abc import Mapping
from collections.abc import Sequence as Listing
from typing import TypeGuard, cast

from dripline.core.text import is_blank, is_text
from dripline.errors import InvalidLead

ATTRIBUTES_LIMIT = 250
"""The most attributes of one lead: the export of a customer database has some 200 columns."""

ATTRIBUTE_LIMIT = 100
"""The most values of one list, and the longest attribute name in characters."""

VALUE_LIMIT = 2_000
"""The longest attribute value as it is written, in characters."""

NUMBER_LIMIT = 2**63
"""Whole numbers stay below this, so that every program that reads them gets the same number."""

OWN_FIELDS = ("name", "phone", "email")
"""Variables that are a lead's own fields. A lead may lack each of them, as it may lack an attribute."""

LEAD_VARIABLES = frozenset({*OWN_FIELDS, "sequence", "step"})
"""Variables that are a lead's own fields, or the engine's: no attribute has such a name."""

Plain = str | int | float | bool
"""A single value."""

Value = Plain | Listing[Plain]
"""What an attribute holds."""

_NOT_WORD = re.compile(r"\W+")


def attribute_name(written: object) -> str:
    """Return the name under which templates find an attribute: ``Target Status`` becomes ``target_status``.

    Raises:
        InvalidLead: No name is left, it is too long, or it is one of the lead's own fields.
    """
    name = _NOT_WORD.sub("_", str(written).strip().casefold()).strip("_")
    if not name.isidentifier() or len(name) > ATTRIBUTE_LIMIT:
        raise InvalidLead(
            f"{str(written)[:40]!r} cannot name an attribute: start with a letter, such as target_status."
        )
    if name in LEAD_VARIABLES:
        raise InvalidLead(f"{name!r} is one of the lead's own fields: give the attribute another name.")
    return name


def read_attributes(given: object) -> dict[str, Value]:
    """Return attributes under their names, without those that hold nothing.

    Raises:
        InvalidLead: They are no mapping or too many, or one of them holds what cannot be kept.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidLead('The attributes have no names: write them as {"niche": "EXAMA"}.')
    named = cast("Mapping[object, object]", given)
    if len(named) > ATTRIBUTES_LIMIT:
        raise InvalidLead(f"A lead has more than {ATTRIBUTES_LIMIT} attributes: leave some out.")
    attributes: dict[str, Value] = {}
    for written_name, held in named.items():
        if not _is_empty(held):
            name = attribute_name(written_name)
            attributes[name] = read_value(name, held)
    return attributes


def read_value(name: str, held: object) -> Value:
    """Return what an attribute holds, in the form that is stored.

    Raises:
        InvalidLead: It is nothing that an attribute can hold, or too long.
    """
    if isinstance(held, list | tuple):
        values = [_plain(name, one) for one in cast("list[object]", held) if not _is_empty(one)]
        if len(values) > ATTRIBUTE_LIMIT:
            raise InvalidLead(f"The attribute {name!r} lists more than {ATTRIBUTE_LIMIT} values: leave some out.")
        value: Value = values
    else:
        value = _plain(name, held)
    if len(written(value)) > VALUE_LIMIT:
        raise InvalidLead(f"The attribute {name!r} is longer than {VALUE_LIMIT} characters: shorten it.")
    return value


def written(value: object) -> str:
    """Return a value as messages, pages and files show it: ``0``, ``1.5``, ``yes``, ``Mon, Wed``."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(map(written, cast("list[object]", value)))
        case _:
            return str(value)


def merged(known: Mapping[str, Value], new: Mapping[str, Value]) -> dict[str, Value]:
    """Return attributes after new ones came in: the new ones win.

    Text that says what a stored value says leaves that value its type: a list that was exported and comes back in
    changes nothing.
    """
    unchanged = {
        name: known[name]
        for name, value in new.items()
        if isinstance(value, str) and not isinstance(known.get(name, ""), str) and written(known[name]) == value
    }
    return {**known, **new, **unchanged}


def is_same(one: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    """Return whether attributes are the same, in their types as well: to Python, 1, 1.0 and True are equal."""
    return one == other and all(repr(value) == repr(other[name]) for name, value in one.items())


def has_value(value: object) -> bool:
    """Return whether templates take a field for one that the lead has."""
    return not _is_empty(value)


def _is_empty(value: object) -> bool:
    return is_blank(value) if isinstance(value, str) else value is None or value in ([], ())


def _is_plain(value: object) -> TypeGuard[Plain]:
    return isinstance(value, str | int | float)


def _plain(name: str, value: object) -> Plain:
    if not _is_plain(value):
        raise InvalidLead(
            f"The attribute {name!r} holds {type(value).__name__}: "
            "give text, a number, true or false, or a list of these."
        )
    if isinstance(value, str):
        if not is_text(value):
            raise InvalidLead(f"The {name} holds a character that is not text: remove it.")
        return value.strip()
    if not math.isfinite(value) if isinstance(value, float) else abs(value) >= NUMBER_LIMIT:
        raise InvalidLead(f"The attribute {name!r} holds a number that is too large, or none: give it as text.")
    return value
