"""A lead as a person or a program hands it over, brought into its one form or refused with one sentence."""

from collections.abc import Iterable, Mapping
from typing import cast

from typing_extensions import Unpack

from dripline.core.leads.address import normalize_email
from dripline.core.leads.attribute import merged, read_attributes
from dripline.core.leads.lead import TEXT_FIELDS, LeadInput, NewLead, field_values
from dripline.core.leads.phone import DEFAULT_REGION, normalize_phone
from dripline.core.leads.trigger import TRIGGER_LIMIT, normalize_trigger, split_triggers
from dripline.core.text import is_blank, is_text
from dripline.core.time.lead_zone import known_zone
from dripline.errors import InvalidLead, InvalidTrigger

NAME_LIMIT = 200
"""The longest name of a lead, in characters."""


PHONE_DIGITS = range(8, 16)
"""How many digits a whole phone number has, with its country code."""


def new_lead(
    *, region: str = DEFAULT_REGION, is_known: bool = False, is_listed: bool = False, **said: Unpack[LeadInput]
) -> NewLead:
    """Return the lead in the form that is stored and compared.

    Empty addresses and attributes count as not given. `region` is where a phone without its country is dialled;
    `is_listed`: it stands in a list, whose numbers may be any country's; `is_known`: a provider names it.
    Numbers are taken for the text that they are written as, one text for one or several triggers.

    Raises:
        InvalidLead: There is neither a phone nor an e-mail address, or a field holds what it cannot hold.
        InvalidPhone: The phone cannot be one.
        InvalidEmail: The e-mail address cannot be one.
        InvalidTrigger: A trigger is empty or not one word.
        InvalidWindow: There is no such time zone.
    """
    phone = written_field("phone", said.get("phone"))
    email = written_field("e-mail address", said.get("email"))
    if phone is None and email is None:
        raise InvalidLead("The lead has neither a phone nor an e-mail address: give at least one.")
    name = " ".join((written_field("name", said.get("name")) or "").split())
    if len(name) > NAME_LIMIT:
        raise InvalidLead(f"The name {name[:30]!r}… is longer than {NAME_LIMIT} characters: shorten it.")
    zone = written_field("time zone", said.get("zone"))
    return NewLead(
        None if phone is None else normalize_phone(phone, region, is_known=is_known, is_listed=is_listed),
        email=None if email is None else normalize_email(email),
        name=name,
        attributes=read_attributes(said.get("attributes")),
        triggers=tuple(dict.fromkeys(map(normalize_trigger, _words(said.get("triggers"))))),
        zone=None if zone is None else known_zone(zone),
    )


def in_one_form(lead: NewLead, region: str = DEFAULT_REGION) -> NewLead:
    """Return a lead that was made by hand in the form that is stored and compared. Raises what `new_lead` raises."""
    if _is_in_form(lead):
        return lead
    return new_lead(
        **field_values(lead),
        triggers=lead.triggers,
        region=region,
        # Whoever writes a number as it is kept has it from somewhere where it was read.
        is_known=_is_stored_form(lead.phone or ""),
    )


def _is_stored_form(phone: str) -> bool:
    return phone.isascii() and phone.isdigit() and phone[0] != "0" and len(phone) in PHONE_DIGITS


def _is_in_form(lead: NewLead) -> bool:
    """Return whether a glance shows it: to read a phone costs as much as to store its lead."""
    phone = lead.phone or ""
    return (
        _is_stored_form(phone)
        and not lead.attributes
        and all(getattr(lead, name) is None for name in _OPTIONAL)
        and len(lead.name) <= NAME_LIMIT
        and lead.name == " ".join(lead.name.split())
        and all(map(_is_plain_trigger, lead.triggers))
    )


_OPTIONAL = tuple(name for name in TEXT_FIELDS if name not in {"phone", "name"})


def _is_plain_trigger(trigger: str) -> bool:
    return trigger.isascii() and trigger.isalnum() and trigger.isupper() and len(trigger) <= TRIGGER_LIMIT


def written_field(field: str, given: object) -> str | None:
    """Return what one of a lead's fields says, as text; None where it says nothing.

    Raises:
        InvalidLead: It is neither text nor a whole number.
    """
    if given is None or (isinstance(given, str) and is_blank(given)):
        return None
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if not isinstance(given, str | int) or isinstance(given, bool):
        raise InvalidLead(f"The {field} is {type(given).__name__}: write it as text.")
    return _text(field, str(given).strip())


def _words(triggers: object) -> list[str]:
    """Return triggers one by one, however they are given."""
    if triggers is None:
        return []
    if isinstance(triggers, str):
        return [*split_triggers(triggers)]
    if isinstance(triggers, bytes | Mapping) or not isinstance(triggers, Iterable):
        kind = type(cast("object", triggers)).__name__
        raise InvalidTrigger(f"The triggers are {kind}: give a list of words such as WARMEXAMA.")
    words = list(cast("Iterable[object]", triggers))
    wrong = [type(word).__name__ for word in words if not isinstance(word, str)]
    if wrong:
        raise InvalidTrigger(f"A trigger is {wrong[0]}: write a word such as WARMEXAMA.")
    return cast("list[str]", words)


def merge_leads(known: NewLead, new: NewLead) -> NewLead:
    """Return what is known of one person after `new` came in: what it says wins, what it leaves out stays."""
    merged_fields = {name: getattr(new, name) or getattr(known, name) for name in TEXT_FIELDS}
    return NewLead(
        **merged_fields,
        attributes=merged(known.attributes, new.attributes),
        triggers=tuple(dict.fromkeys((*known.triggers, *new.triggers))),
    )


def _text(field: str, value: str) -> str:
    if not is_text(value):
        raise InvalidLead(f"The {field} holds a character that is not text: remove it.")
    return value
