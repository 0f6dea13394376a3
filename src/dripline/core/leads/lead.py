"""A person to reach, as they are kept and as they come in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypedDict

from dripline.core.leads.attribute import Value, written


@dataclass(frozen=True, slots=True)
class Lead:
    """A person to reach. At least one of `phone` (E.164 digits) and `email` is known. `zone`: an IANA time zone."""

    id: int
    phone: str | None = field(default=None, kw_only=True)
    email: str | None = field(default=None, kw_only=True)
    name: str = field(default="", kw_only=True)
    attributes: Mapping[str, Value] = field(default_factory=dict[str, Value], kw_only=True, hash=False)
    zone: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead as it comes in. `add_leads` brings what is written into the one form that is stored and compared.

    It is known by its phone, or, without one, by its e-mail address.
    """

    phone: str | None
    email: str | None = field(default=None, kw_only=True)
    name: str = field(default="", kw_only=True)
    attributes: Mapping[str, Value] = field(default_factory=dict[str, Value], kw_only=True, hash=False)
    triggers: tuple[str, ...] = field(default=(), kw_only=True)
    zone: str | None = field(default=None, kw_only=True)


class LeadInput(TypedDict, total=False):
    """What somebody says of a lead, as they wrote it; what is left out, None or empty says nothing."""

    phone: str | int | None
    email: str | None
    name: str | int | None
    attributes: Mapping[str, Value | None] | None
    zone: str | None
    triggers: Iterable[str] | str | None


LEAD_FIELDS = tuple(one.name for one in fields(Lead) if one.name != "id")
"""Every field that is kept of a lead, each in the column of its name."""

TEXT_FIELDS = tuple(name for name in LEAD_FIELDS if name != "attributes")
"""Those of them that are one text each."""


def field_values(lead: Lead | NewLead) -> dict[str, Any]:
    """Return the fields of a lead by their names."""
    return {name: getattr(lead, name) for name in LEAD_FIELDS}


def as_new(lead: Lead) -> NewLead:
    """Return a stored lead as one that comes in and says the same."""
    return NewLead(**field_values(lead))


def contact_of(lead: Lead, kind: str) -> str | None:
    """Return the address of a lead of a kind that one channel alone speaks to: the attribute of that name, if any."""
    return written(lead.attributes.get(kind)).strip() or None
