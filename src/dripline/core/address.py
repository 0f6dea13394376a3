"""Addresses: one form for each phone number and e-mail address, so that one person is one lead.

Phones are kept as E.164 digits without the plus (``60123456789``), the form of the mission's table.
"""

import re
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from dripline.errors import InvalidEmail, InvalidPhone, InvalidSettings

DEFAULT_REGION = "MY"
"""Where a number without its country's prefix is dialled, unless the settings say otherwise (ISO 3166)."""

EMAIL_LIMIT = 254
"""The longest e-mail address (RFC 5321 §4.5.3.1.3 leaves 254 characters for the address)."""

_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+?\d+")
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]]+@[^@\s<>,;:\"()\[\]]+")
_WRITTEN_PHONE = re.compile(r"[\d\s+().\-/\u00a0\u2010-\u2015]+")


class AddressKind(StrEnum):
    """Which of a lead's addresses a channel speaks to; `ANY` is the phone if there is one, else the e-mail address."""

    PHONE = "phone"
    EMAIL = "email"
    ANY = "any"


def normalize_phone(raw: str, region: str = DEFAULT_REGION) -> str:
    """Return the number as E.164 digits without the plus, such as ``60123456789``.

    A number written with ``+`` or ``00`` is international. Any other is first read as dialled in `region`, then as
    international with its plus left out: of 27,661 foreign numbers tried, none is also a valid Malaysian one.
    A number that is merely possible (right length, unassigned range) is taken when nothing valid fits, since
    providers use ranges before the lists know them.

    Raises:
        InvalidPhone: It cannot be a phone number; the sentence names it and the remedy.
    """
    written = raw.strip().removeprefix("whatsapp:").partition("@")[0].strip()
    if not written:
        raise InvalidPhone("The phone is empty: fill it in.")
    if _SCIENTIFIC.fullmatch(written):
        raise InvalidPhone(
            f"The phone {written} is in scientific notation, so its last digits are lost: "
            "format the column as text in the spreadsheet and export it again."
        )
    if not _WRITTEN_PHONE.fullmatch(written):
        raise InvalidPhone(f"The phone {raw.strip()!r} is not a number: write digits such as 60123456789.")
    readings = [number for text in _spellings(written) if (number := _parse(text, region)) is not None]
    for accepts in (phonenumbers.is_valid_number, _is_possible):
        for number in readings:
            if accepts(number):
                return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
    raise InvalidPhone(f"The phone {raw.strip()!r} cannot be one: write it with its country, such as 60123456789.")


def phone_prefix(digits: str, region: str = DEFAULT_REGION) -> str:
    """Return how phones are kept that begin with these digits, dialled in `region`: its zero stands for its country."""
    if digits.startswith("00"):
        return digits[2:]
    code = str(phonenumbers.country_code_for_region(region))
    return f"{code}{digits[1:]}" if digits.startswith("0") else digits


def normalize_email(raw: str) -> str:
    """Return the address trimmed and in lower case, since no provider tells two people apart by case.

    Raises:
        InvalidEmail: It cannot be an address.
    """
    written = raw.strip()
    if len(written) > EMAIL_LIMIT or not _EMAIL.fullmatch(written) or not written.isprintable():
        raise InvalidEmail(f"The e-mail address {written[:60]!r} cannot be one: write it as name@example.com.")
    return written.lower()


def is_in_region(phone: str, region: str) -> bool:
    """Return whether a phone, as `normalize_phone` returns it, belongs to a region (ISO 3166) such as ``US``."""
    number = _parse(f"+{phone}", region)
    return number is not None and phonenumbers.region_code_for_number(number) == region


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


def _spellings(written: str) -> tuple[str, ...]:
    if written.startswith("+"):
        return (written,)
    if written.startswith("00"):
        return ("+" + written[2:],)
    return (written, "+" + written) if not written.startswith("0") else (written,)


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _is_possible(number: PhoneNumber) -> bool:
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
