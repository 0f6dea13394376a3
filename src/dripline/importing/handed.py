"""A lead as a form or a program of somebody else's hands it in: fields by their names, each a text or several."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from dripline.core.attribute import attribute_name
from dripline.core.source import LeadSource
from dripline.core.trigger import split_triggers
from dripline.errors import InvalidLead, InvalidSource
from dripline.importing.meaning import OWN_NAMES, Part, folded

FIELDS_LIMIT = 200
"""The most fields that are handed in together."""

Given = object
"""What a field holds: text, a number, yes or no, nothing, or several of them."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What is taken of the fields that were handed in; `left_out` are the names of those that are not."""

    phone: str | None = field(default=None, kw_only=True)
    email: str | None = field(default=None, kw_only=True)
    name: str | None = field(default=None, kw_only=True)
    zone: str | None = field(default=None, kw_only=True)
    triggers: tuple[str, ...] = field(kw_only=True)
    attributes: Mapping[str, object] = field(kw_only=True, hash=False)
    left_out: tuple[str, ...] = field(kw_only=True)


def read_handed(source: LeadSource, given: Mapping[str, Given]) -> Handed:
    """Read fields as the source has them: ours by the names that columns of a list have, the rest as attributes.

    Raises:
        InvalidSource: There are too many fields.
        InvalidLead: A field holds what it cannot hold.
        InvalidTrigger: What it names cannot be a trigger.
    """
    if len(given) > FIELDS_LIMIT:
        raise InvalidSource(f"More than {FIELDS_LIMIT} fields were posted: leave some out.")
    own: dict[Part, str] = {}
    triggers, attributes = list(source.triggers), dict[str, object]()
    left_out: list[str] = []
    for name, value in _flat(given):
        part, kept = OWN_NAMES.get(folded(name)), _attribute(source, name)
        if part is Part.TRIGGER and source.names_triggers:
            triggers += [word for text in _texts(name, value) for word in split_triggers(text)]
        elif part is not None and part is not Part.TRIGGER:
            own[part] = _text(name, value)
        elif kept is not None:
            attributes[kept] = value
        else:
            left_out.append(name[:100])
    return Handed(
        phone=own.get(Part.PHONE),
        email=own.get(Part.EMAIL),
        name=own.get(Part.NAME),
        zone=own.get(Part.ZONE),
        triggers=tuple(dict.fromkeys(triggers)),
        attributes=attributes,
        left_out=tuple(left_out),
    )


def _flat(given: Mapping[str, Given]) -> Iterator[tuple[str, Given]]:
    """Yield fields; those of `attributes` one by one."""
    for name, value in given.items():
        if folded(name) != "attributes":
            yield name, value
        elif isinstance(value, Mapping):
            yield from ((str(inner), one) for inner, one in cast("Mapping[object, object]", value).items())
        elif value is not None:
            raise InvalidLead('The field attributes holds no fields of its own: write {"niche": "EXAMA"}.')


def _attribute(source: LeadSource, name: str) -> str | None:
    """Return the attribute that a field is; None if the source keeps none of that name."""
    try:
        named = attribute_name(name)
    except InvalidLead:
        return None
    return named if named in source.attributes else None


def _text(name: str, value: Given) -> str:
    texts = _texts(name, value)
    if len(texts) > 1:
        raise InvalidLead(f"The field {name[:40]} was given {len(texts)} times: give it once.")
    return texts[0] if texts else ""


def _texts(name: str, value: Given) -> list[str]:
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [text for one in values if (text := _one_text(name, one)) is not None]


def _one_text(name: str, value: Given) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case _:
            raise InvalidLead(f"The field {name[:40]} is no text: write it as one.")
