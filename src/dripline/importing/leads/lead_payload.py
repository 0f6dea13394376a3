"""A lead as a form or a program of somebody else's hands it in: fields by their names, each a text or several."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from dripline.core.leads.attribute import attribute_name
from dripline.core.leads.lead import LeadInput
from dripline.core.leads.source import LeadSource
from dripline.core.leads.trigger import split_triggers
from dripline.errors import InvalidLead, InvalidSource
from dripline.importing.column_meaning import OWN_NAMES, Part, folded
from dripline.importing.known_names import own_columns

FIELDS_LIMIT = 200
"""The most fields that are handed in together."""

Given = object
"""What a field holds: text, a number, yes or no, nothing, or several of them."""


@dataclass(frozen=True, slots=True)
class LeadPayload:
    """The lead that was handed in, as it was written; `left_out` are the names of fields that are no part of it."""

    lead: LeadInput = field(hash=False)
    left_out: tuple[str, ...] = field(kw_only=True)


def read_lead_payload(source: LeadSource, given: Mapping[str, Given]) -> LeadPayload:
    """Read fields as the source has them: a lead's own by the names that columns of a list have, ours or others'.

    The rest are attributes, of which the source keeps those that it names. A first and a last name are joined.

    Raises:
        InvalidSource: There are too many fields.
        InvalidLead: A field holds what it cannot hold.
        InvalidTrigger: What it names cannot be a trigger.
    """
    if len(given) > FIELDS_LIMIT:
        raise InvalidSource(f"More than {FIELDS_LIMIT} fields were posted: leave some out.")
    fields = [*_flat(given)]
    parts = _parts(source, [name for name, value in fields if value not in (None, "")])
    own: dict[Part, dict[str, str]] = {}
    triggers, attributes = list(source.triggers), dict[str, object]()
    left_out: list[str] = []
    for name, value in fields:
        part, attribute = parts.get(name), _attribute(source, name)
        if part is Part.TRIGGER and source.names_triggers:
            triggers += [word for text in _texts(name, value) for word in split_triggers(text)]
        elif part is not None and part is not Part.TRIGGER:
            own.setdefault(part, {})[folded(name)] = _text(name, value)
        elif attribute is not None:
            attributes[attribute] = value
        elif value not in (None, "") or folded(name) not in OWN_NAMES:
            left_out.append(name[:100])
    said: dict[str, object] = {str(part): _joined(part, [*texts.values()]) for part, texts in own.items()}
    said |= {"triggers": tuple(dict.fromkeys(triggers)), "attributes": attributes}
    # What a stranger posted: `new_lead` refuses what is no attribute.
    return LeadPayload(cast("LeadInput", said), left_out=tuple(left_out))


def _parts(source: LeadSource, names: list[str]) -> dict[str, Part]:
    """Return the fields that are a lead's own, by our names, else by those of others, unless the source keeps them."""
    ours = [name for name in names if folded(name) in OWN_NAMES]
    free = tuple(name for name in names if name in ours or _attribute(source, name) is None)
    return {free[at]: part for at, part in own_columns(free).items() if part is not Part.OPT_OUT}


def _joined(part: Part, texts: list[str]) -> str:
    """Return a field that may have come in several: a first and a last name are one, else the last counts."""
    return " ".join(texts) if part is Part.NAME else texts[-1]


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
