"""A lead as a person or a program hands it over, brought into its one form or refused with one sentence."""

from collections.abc import Iterable, Mapping
from typing import cast

from dripline.core.leads.address import normalize_email
from dripline.core.leads.attribute import Value, merged, read_attributes
from dripline.core.leads.lead import NewLead
from dripline.core.leads.phone import DEFAULT_REGION, normalize_phone
from dripline.core.leads.trigger import TRIGGER_LIMIT, normalize_trigger, split_triggers
from dripline.core.text import is_blank, is_text
from dripline.core.time.zone import known_zone
from dripline.errors import InvalidLead, InvalidTrigger

NAME_LIMIT = 200
"""The longest name of a lead, in characters."""


PHONE_DIGITS = range(8, 16)
"""How many digits a whole phone number has, with its country code."""


def new_lead(  # noqa: PLR0913  (a lead's fields, each by its name)
    *,
    phone: str | int | None = None,
    email: str | None = None,
    name: str | int | None = None,
    triggers: Iterable[str] | str | None = (),
    attributes: Mapping[str, Value | None] | None = None,
    zone: str | None = None,
    region: str = DEFAULT_REGION,
    is_known: bool = False,
    is_listed: bool = False,
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
    phone_, email_ = written_field("phone", phone), written_field("e-mail address", email)
    if phone_ is None and email_ is None:
        raise InvalidLead("The lead has neither a phone nor an e-mail address: give at least one.")
    called = " ".join((written_field("name", name) or "").split())
    if len(called) > NAME_LIMIT:
        raise InvalidLead(f"The name {called[:30]!r}… is longer than {NAME_LIMIT} characters: shorten it.")
    zone_ = written_field("time zone", zone)
    return NewLead(
        None if phone_ is None else normalize_phone(phone_, region, is_known=is_known, is_listed=is_listed),
        email=None if email_ is None else normalize_email(email_),
        name=called,
        attributes=read_attributes(attributes),
        triggers=tuple(dict.fromkeys(map(normalize_trigger, _words(triggers)))),
        zone=None if zone_ is None else known_zone(zone_),
    )


def in_one_form(lead: NewLead, region: str = DEFAULT_REGION) -> NewLead:
    """Return a lead that was made by hand in the form that is stored and compared. Raises what `new_lead` raises."""
    if _is_in_form(lead):
        return lead
    return new_lead(
        phone=lead.phone,
        email=lead.email,
        name=lead.name,
        triggers=lead.triggers,
        attributes=lead.attributes,
        zone=lead.zone,
        region=region,
        # Whoever writes a number as it is kept has it from somewhere where it was read.
        is_known=_is_kept_so(lead.phone or ""),
    )


def _is_kept_so(phone: str) -> bool:
    return phone.isascii() and phone.isdigit() and phone[0] != "0" and len(phone) in PHONE_DIGITS


def _is_in_form(lead: NewLead) -> bool:
    """Return whether a glance shows it: to read a phone costs as much as to store its lead."""
    phone = lead.phone or ""
    return (
        _is_kept_so(phone)
        and lead.email is None
        and not lead.attributes
        and lead.zone is None
        and len(lead.name) <= NAME_LIMIT
        and lead.name == " ".join(lead.name.split())
        and all(map(_is_plain_trigger, lead.triggers))
    )


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
    return NewLead(
        new.phone or known.phone,
        email=new.email or known.email,
        name=new.name or known.name,
        attributes=merged(known.attributes, new.attributes),
        triggers=tuple(dict.fromkeys((*known.triggers, *new.triggers))),
        zone=new.zone or known.zone,
    )


def _text(field: str, value: str) -> str:
    if not is_text(value):
        raise InvalidLead(f"The {field} holds a character that is not text: remove it.")
    return value
