"""Addresses: which of a lead's a channel speaks to, and one form for each e-mail address."""

import re
from enum import StrEnum
from functools import lru_cache

import phonenumbers

from dripline.errors import InvalidEmail, InvalidSettings

EMAIL_LIMIT = 254
"""The longest e-mail address (RFC 5321 §4.5.3.1.3 leaves 254 characters for the address)."""

_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]]+@[^@\s<>,;:\"()\[\]]+")


class AddressKind(StrEnum):
    """Which of a lead's addresses a channel speaks to; `ANY` is the phone if there is one, else the e-mail address."""

    PHONE = "phone"
    EMAIL = "email"
    ANY = "any"


def normalize_email(raw: str) -> str:
    """Return the address trimmed and in lower case, since no provider tells two people apart by case.

    Raises:
        InvalidEmail: It cannot be an address.
    """
    written = raw.strip()
    if written[:7].casefold() == "mailto:":  # what a link in a spreadsheet begins with
        written = written[7:].strip()
    if len(written) > EMAIL_LIMIT or not _EMAIL.fullmatch(written) or not written.isprintable():
        raise InvalidEmail(f"The e-mail address {written[:60]!r} cannot be one: write it as name@example.com.")
    return written.lower()


@lru_cache
def check_region(region: str) -> str:
    """Return the region in upper case.

    Raises:
        InvalidSettings: There is no such region.
    """
    known = region.strip().upper()
    if known not in phonenumbers.SUPPORTED_REGIONS:
        raise InvalidSettings(f"There is no region {region!r}: use a two-letter country code such as MY.")
    return known
