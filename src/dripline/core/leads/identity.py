"""The further names under which providers know people: they are learnt from them, and never written to.

A lead's phone and e-mail address are its own; a message always goes to those. (Meta, business-scoped user ids, as of
2026-05; WhatsApp writes some numbers of Brazil, Mexico and Argentina in another way than they are dialled.)
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum


class IdentityKind(StrEnum):
    """What a name is: a number as WhatsApp writes it, an id of Meta's for a business, an id that hides a phone."""

    WA_ID = "wa_id"
    BSUID = "bsuid"
    LID = "lid"


@dataclass(frozen=True, slots=True)
class Identity:
    """A name under which a channel's provider knows a lead."""

    channel: str
    value: str = field(kw_only=True)

    @property
    def kind(self) -> IdentityKind:
        """What kind of name it is, by how it is written."""
        if self.value.endswith("@lid"):
            return IdentityKind.LID
        return IdentityKind.WA_ID if self.value.isdecimal() else IdentityKind.BSUID


_VARIANTS = (
    # A Brazilian mobile, with the 9 that was put before it later, and without.
    (re.compile(r"55(\d\d)9([6-9]\d{7})"), r"55\1\2"),
    (re.compile(r"55(\d\d)([6-9]\d{7})"), r"55\g<1>9\2"),
    # A Mexican mobile, with the 1 that was dropped in 2019, and without.
    (re.compile(r"521(\d{10})"), r"52\1"),
    (re.compile(r"52([2-9]\d{9})"), r"521\1"),
    # An Argentine mobile, with the 9 of calls from abroad, and without.
    (re.compile(r"549(\d{10})"), r"54\1"),
    (re.compile(r"54([1-8]\d{9})"), r"549\1"),
)


def variants(phone: str) -> list[str]:
    """Return the other ways of writing a number that are the same phone, as E.164 digits."""
    found = (re.sub(pattern, other, phone) for pattern, other in _VARIANTS if pattern.fullmatch(phone))
    return [one for one in found if one != phone]
