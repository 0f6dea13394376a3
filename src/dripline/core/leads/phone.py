"""Phone numbers as people and programs write them: read as the one number that is meant, or refused in words.

What stands around a number says nothing about it: marks that nobody sees, the apostrophe and the ``="…"`` by which
spreadsheets keep a text, ``p:`` and ``tel:``, the ``.0`` of a program that took it for a fraction. What could be two
numbers, or none, is never guessed at: another digit is another person.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

from dripline.errors import InvalidPhone, SeveralPhones

DEFAULT_REGION = "MY"
"""Where a number without its country's prefix is dialled, unless the settings say otherwise (ISO 3166)."""

WHOLE_DIGITS = 12
"""How many digits a number of a list has at least that brings its country without saying so, by a plus: the longest
numbers that people write without their country have 11."""

SHOWN = 60
"""How much of what was written a sentence repeats, in characters."""

_GUARD = re.compile(r'=\s*"(.*)"', re.DOTALL)
_BESIDE = re.compile(r"[(\[](?:whatsapp|wa|mobile|cell|hp|phone|tel|sms)[)\]]", re.IGNORECASE)
_MARK = re.compile(r"(?:whatsapp|phone|mobile|tel|sms|wa|p)\s*[:.]\s*", re.IGNORECASE)
_ACCOUNT = re.compile(r"(\+?\d+)(?::\d+)?@(?:s\.whatsapp\.net|c\.us)")
_FRACTION = re.compile(r"(\+?\d{7,})[.,]0+")
_SCIENTIFIC = re.compile(r"([+-]?)(\d+)(?:[.,](\d+))?[eE]\+?(\d{1,3})")
_DATE = re.compile(r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d)(?:[ T]\d{1,2}:\d\d.*)?")
_EXTENSION = re.compile(r"(.*\d)\s*(?:;?\s*ext\.?\s*=?|extension|samb(?:ungan)?\.?|x|#)\s*\d{1,6}", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:/|;|,|\||:::|&|\n|\bor\b|\batau\b)\s*", re.IGNORECASE)
_WRITTEN = re.compile(r"[\d\s+().\-\u2010-\u2015\u2212]+")
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_NOT_A_NUMBER = "The phone {} is not a number: write digits such as 60123456789."
_QUOTES = "'\"`\u2018\u2019\u201c\u201d"


def normalize_phone(raw: str, region: str = DEFAULT_REGION, *, is_known: bool = False, is_listed: bool = False) -> str:
    """Return the number as E.164 digits without the plus, such as ``60123456789``.

    A number written with ``+`` or ``00`` is international. Any other is first read as dialled in `region`, then as
    international with its plus left out; of a list (`is_listed`) only where it begins with the region's own code, or is
    a mobile phone of 12 digits or more: a shorter one may as well be a number of another country without its code.
    Only what is given out there is taken, by the metadata of libphonenumber; where a provider names it, or somebody who
    is there already (`is_known`), what is merely possible too: providers use ranges before the lists know them.

    Raises:
        SeveralPhones: It is several numbers.
        InvalidPhone: It is not one number for sure; the sentence names it and the remedy.
    """
    written = _plain(raw)
    _refuse_what_is_none(raw, written)
    several = [part for part in _BETWEEN.split(written) if part]
    if len(several) > 1:
        written = _one_of(raw, several, region)
    if not _WRITTEN.fullmatch(written):
        raise InvalidPhone(_NOT_A_NUMBER.format(_shown(raw)))
    readings = [*_readings(written, region, is_listed=is_listed)]
    valid = [number for number in readings if phonenumbers.is_valid_number(number)]
    if is_known:
        valid = valid or [number for number in readings if _is_possible(number)]
    if not valid:
        raise InvalidPhone(_no_number(raw, region, is_possible=any(map(_is_possible, readings))))
    return _e164(valid[0] if len(valid) == 1 else _likelier(raw, *valid))


def given_out_in(raw: str) -> dict[str, bool]:
    """Return the regions in which a number that says no country is one that is given out, and whether to mobile phones.

    None if it says its country.
    """
    written = _plain(raw)
    if written.startswith(("+", "00")) or not _WRITTEN.fullmatch(written):
        return {}
    read = ((region, _parse(written, region)) for region in sorted(phonenumbers.SUPPORTED_REGIONS))
    return {
        region: phonenumbers.number_type(number) in _MOBILE
        for region, number in read
        if number and phonenumbers.is_valid_number_for_region(number, region)
    }


def phone_prefix(digits: str, region: str = DEFAULT_REGION) -> str:
    """Return how phones are kept that begin with these digits, dialled in `region`: its zero stands for its country."""
    if digits.startswith("00"):
        return digits[2:]
    code = str(phonenumbers.country_code_for_region(region))
    return f"{code}{digits[1:]}" if digits.startswith("0") else digits


def is_in_region(phone: str, region: str) -> bool:
    """Return whether a phone, as `normalize_phone` returns it, belongs to a region (ISO 3166) such as ``US``."""
    number = _parse(f"+{phone}", region)
    return number is not None and phonenumbers.region_code_for_number(number) == region


def _plain(raw: str) -> str:
    """Return what was written without what stands around a number."""
    if raw.isascii() and raw.removeprefix("+").isdigit():
        return raw
    # Nothing of it is to be read as something else where all of it is ASCII.
    seen = raw if raw.isascii() else "".join(map(_seen, unicodedata.normalize("NFKC", raw)))
    text = _BESIDE.sub(" ", seen).strip()
    while (bare := _bare(text)) != text:
        text = bare
    if account := _ACCOUNT.fullmatch(text):
        text = account[1]
    if fraction := _FRACTION.fullmatch(text):
        text = fraction[1]
    power = _SCIENTIFIC.fullmatch(text)
    if power and len(power[2]) == 1 and len(power[3] or "") == int(power[4]):
        text = f"{power[1]}{power[2]}{power[3] or ''}"  # every digit is there
    return text


def _seen(letter: str) -> str:
    """Return a letter as it is read: marks that nobody sees are nothing, and every script's digits are digits."""
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    return "" if unicodedata.category(letter) == "Cf" else letter


def _bare(text: str) -> str:
    guarded = _GUARD.fullmatch(text)
    text = (guarded[1] if guarded else text).strip().strip(_QUOTES).strip()
    mark = _MARK.match(text)
    return text[mark.end() :] if mark else text


def _one_of(raw: str, several: list[str], region: str) -> str:
    """Return parts as one number where they are one, such as ``030/1234567``.

    Raises:
        SeveralPhones: They are several, such as ``012-345 6789 / 016-765 4321`` or, in short, ``012-345 6789/8``.
        InvalidPhone: They are no numbers.
    """
    whole = "".join(several)
    if not any(_is_number(part, region) for part in several) and _is_number(whole, region):
        return whole
    numbers = [part for part in several if _is_number(part, region)]
    if numbers and all(map(_WRITTEN.fullmatch, several)):
        raise SeveralPhones(f"The phone {_shown(raw)} holds several numbers: keep one of them.", numbers[0])
    raise InvalidPhone(_NOT_A_NUMBER.format(_shown(raw)))


def _is_number(written: str, region: str) -> bool:
    if not _WRITTEN.fullmatch(written):
        return False
    number = _parse(written, region)
    return number is not None and phonenumbers.is_valid_number(number)


def _refuse_what_is_none(raw: str, written: str) -> None:
    """Refuse what is written like something else than a number.

    Raises:
        InvalidPhone: Says like what.
    """
    if not written:
        raise InvalidPhone("The phone is empty: fill it in.")
    if _SCIENTIFIC.fullmatch(written):
        raise InvalidPhone(
            f"The phone {_shown(raw)} is in scientific notation, so its last digits are lost: "
            "format the column as text in the spreadsheet and export it again."
        )
    if _DATE.fullmatch(written):
        raise InvalidPhone(f"The phone {_shown(raw)} is a date: write digits such as 60123456789.")
    if _EXTENSION.fullmatch(written):
        raise InvalidPhone(
            f"The phone {_shown(raw)} has an extension, which no message reaches: write a number without one."
        )


def _readings(written: str, region: str, *, is_listed: bool) -> Iterator[PhoneNumber]:
    """Yield how a number can be read, the likelier first."""
    digits = re.sub(r"\D", "", written)
    if written.startswith("+") or digits.startswith("00"):
        number = _parse(f"+{digits.removeprefix('00')}", region)
        return iter(() if number is None else (number,))
    dialled = _parse(written, region)
    if dialled is not None and digits[:1] != "0" and _e164(dialled) == digits:
        return iter((dialled,))  # Its country is read from it either way.
    return (number for number in (dialled, _whole(digits, region, is_listed=is_listed)) if number)


def _whole(digits: str, region: str, *, is_listed: bool) -> PhoneNumber | None:
    """Return what digits are with a plus before them, where they may be meant so."""
    number = None if digits.startswith("0") else _parse(f"+{digits}", region)
    if number is None or not is_listed or number.country_code == phonenumbers.country_code_for_region(region):
        return number
    return number if phonenumbers.number_type(number) in _MOBILE and len(digits) >= WHOLE_DIGITS else None


def _likelier(raw: str, dialled: PhoneNumber, whole: PhoneNumber) -> PhoneNumber:
    """Return which of two numbers is meant that the same digits are: the mobile phone, where one of them is one.

    Raises:
        InvalidPhone: Nobody can tell.
    """
    if dialled == whole:
        return dialled
    mobile = [one for one in (dialled, whole) if phonenumbers.number_type(one) == PhoneNumberType.MOBILE]
    if len(mobile) == 1:
        return mobile[0]
    raise InvalidPhone(
        f"The phone {_shown(raw)} may be +{_e164(dialled)} or +{_e164(whole)}: write it with a plus and its country."
    )


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")


@lru_cache
def _country(region: str) -> str:
    code = phonenumbers.country_code_for_region(region)
    return f"{region} (+{code})"


def _no_number(raw: str, region: str, *, is_possible: bool) -> str:
    if is_possible:
        return (
            f"The phone {_shown(raw)} is no number that is given out in {_country(region)}, nor one with its country: "
            "correct it, or write it with a plus and its country, such as +60123456789."
        )
    return f"The phone {_shown(raw)} cannot be one: write it with its country, such as +60123456789."


def _shown(raw: str) -> str:
    """Return what was written as a person sees it."""
    seen = "".join(letter for letter in raw.strip() if unicodedata.category(letter) != "Cf")
    return repr(seen if len(seen) <= SHOWN else f"{seen[:SHOWN]}…")


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _is_possible(number: PhoneNumber) -> bool:
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
