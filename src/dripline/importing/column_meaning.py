"""What a person, or the importer by itself, takes each column of a lead list for."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from typing_extensions import override

from dripline.core.leads.attribute import attribute_name
from dripline.errors import InvalidFile, InvalidLead


class Part(StrEnum):
    """What a column may hold of a lead."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"
    TRIGGER = "trigger"
    ZONE = "zone"
    OPT_OUT = "opt-out"
    ATTRIBUTE = "attribute"
    NOTHING = "leave out"


OWN_NAMES = {
    "name": Part.NAME,
    "phone": Part.PHONE,
    "email": Part.EMAIL,
    "e-mail": Part.EMAIL,
    "trigger": Part.TRIGGER,
    "triggers": Part.TRIGGER,
    "zone": Part.ZONE,
    "time zone": Part.ZONE,
    "timezone": Part.ZONE,
}
"""The names of columns that are a lead's own fields; any other is an attribute."""

ERROR_COLUMN = "import_error"
"""The column that a file of refused rows adds, and that is ignored when it comes back."""


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    """What one column is taken for. `attribute` names the attribute, in its stored form, if it is one.

    Raises:
        InvalidLead: The attribute cannot be named so.
    """

    part: Part
    attribute: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if (self.part is Part.ATTRIBUTE) is not bool(self.attribute):
            raise InvalidLead("Only an attribute has a name of its own, and it needs one: write attribute niche.")
        if self.attribute:
            object.__setattr__(self, "attribute", attribute_name(self.attribute))

    @override
    def __str__(self) -> str:
        return f"{self.part} {self.attribute}".strip()

    @classmethod
    def read(cls, written: str) -> Self:
        """Read ``phone``, ``email``, ``name``, ``trigger``, ``zone``, ``opt-out``, ``attribute NAME`` or ``leave out``.

        Raises:
            InvalidFile: It is none of these.
            InvalidLead: The attribute cannot be named so.
        """
        word, _, name = written.strip().partition(" ")
        if word == Part.ATTRIBUTE:
            return cls(Part.ATTRIBUTE, attribute=name.strip())
        known = next((part for part in Part if part == written.strip()), None)
        if known is None:
            raise InvalidFile(
                f"{written[:40]!r} is nothing that a column can be: write phone, email, name, trigger, zone, "
                "opt-out, attribute NAME or leave out."
            )
        return cls(known)


Meanings = tuple[ColumnMeaning, ...]
"""A meaning for each column of a list, in their order; `import_error` is none of them."""

LEFT_OUT = ColumnMeaning(Part.NOTHING)


def folded(name: str) -> str:
    """Return the name of a column as it is compared."""
    return name.strip().casefold()
