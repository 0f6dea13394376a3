"""A lead as a person or a program hands it over, brought into its one form or refused with one sentence."""

import re
from collections.abc import Iterable, Mapping

from dripline.core.address import DEFAULT_REGION, normalize_email, normalize_phone
from dripline.core.message import LEAD_VARIABLES
from dripline.core.model import NewLead
from dripline.core.text import is_text
from dripline.core.trigger import normalize_trigger
from dripline.core.zone import known_zone
from dripline.errors import InvalidLead

NAME_LIMIT = 200
"""The longest name of a lead, in characters."""

ATTRIBUTE_LIMIT = 100
"""The most attributes of one lead, and the longest attribute name in characters."""

VALUE_LIMIT = 2_000
"""The longest attribute value, in characters."""

_NOT_WORD = re.compile(r"\W+")


def new_lead(  # noqa: PLR0913  (a lead's fields, each by its name)
    *,
    phone: str | None = None,
    email: str | None = None,
    name: str | None = None,
    triggers: Iterable[str] = (),
    attributes: Mapping[str, str] | None = None,
    zone: str | None = None,
    region: str = DEFAULT_REGION,
) -> NewLead:
    """Return the lead in the form that is stored and compared.

    Empty addresses and attributes count as not given. `region` is where a phone without its country is dialled.

    Raises:
        InvalidLead: There is neither a phone nor an e-mail address, or a name or attribute is too long.
        InvalidPhone: The phone cannot be one.
        InvalidEmail: The e-mail address cannot be one.
        InvalidTrigger: A trigger is empty or not one word.
        InvalidWindow: There is no such time zone.
    """
    if not (phone or "").strip() and not (email or "").strip():
        raise InvalidLead("The lead has neither a phone nor an e-mail address: give at least one.")
    called = _text("name", " ".join((name or "").split()))
    if len(called) > NAME_LIMIT:
        raise InvalidLead(f"The name {called[:30]!r}… is longer than {NAME_LIMIT} characters: shorten it.")
    return NewLead(
        normalize_phone(phone, region) if phone and phone.strip() else None,
        email=normalize_email(email) if email and email.strip() else None,
        name=called,
        attributes=_attributes(attributes or {}),
        triggers=tuple(dict.fromkeys(normalize_trigger(trigger) for trigger in triggers)),
        zone=known_zone(zone.strip()) if zone and zone.strip() else None,
    )


def merge_leads(known: NewLead, new: NewLead) -> NewLead:
    """Return what is known of one person after `new` came in: what it says wins, what it leaves out stays."""
    return NewLead(
        new.phone or known.phone,
        email=new.email or known.email,
        name=new.name or known.name,
        attributes={**known.attributes, **new.attributes},
        triggers=tuple(dict.fromkeys((*known.triggers, *new.triggers))),
        zone=new.zone or known.zone,
    )


def attribute_name(written: str) -> str:
    """Return the name under which templates find an attribute: ``Target Status`` becomes ``target_status``.

    Raises:
        InvalidLead: No name is left, it is too long, or it is one of the lead's own fields.
    """
    name = _NOT_WORD.sub("_", written.strip().casefold()).strip("_")
    if not name.isidentifier() or len(name) > ATTRIBUTE_LIMIT:
        raise InvalidLead(f"{written[:40]!r} cannot name an attribute: start with a letter, such as target_status.")
    if name in LEAD_VARIABLES:
        raise InvalidLead(f"{name!r} is one of the lead's own fields: give the attribute another name.")
    return name


def _attributes(given: Mapping[str, str]) -> dict[str, str]:
    if len(given) > ATTRIBUTE_LIMIT:
        raise InvalidLead(f"A lead has more than {ATTRIBUTE_LIMIT} attributes: leave some out.")
    kept = {attribute_name(name): _text(name, value.strip()) for name, value in given.items() if value.strip()}
    too_long = next((name for name, value in kept.items() if len(value) > VALUE_LIMIT), None)
    if too_long is not None:
        raise InvalidLead(f"The attribute {too_long!r} is longer than {VALUE_LIMIT} characters: shorten it.")
    return kept


def _text(field: str, value: str) -> str:
    if not is_text(value):
        raise InvalidLead(f"The {field} holds a character that is not text: remove it.")
    return value
