"""A lead as lists name it."""

from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Person:
    """Whose something is: a lead, as far as lists name it."""

    lead_id: int
    name: str = field(kw_only=True)
    phone: str | None = field(kw_only=True)
    email: str | None = field(kw_only=True)


PERSON_FIELDS = tuple(one.name for one in fields(Person) if one.name != "lead_id")
"""What lists show of a lead itself."""
