"""A person to reach, as they are kept and as they come in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dripline.core.leads.attribute import Value


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
