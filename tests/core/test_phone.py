"""Phone numbers in every way in which people and programs write them: the one that is meant, or a sentence."""

from collections.abc import Iterator
from contextlib import suppress

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from dripline.core.leads.country import region_named
from dripline.core.leads.phone import normalize_phone
from dripline.errors import InvalidPhone

OURS = "60123456789"


@pytest.mark.parametrize(
    "written",
    [
        "60123456789.0",
        "'+60123456789",
        '="0123456789"',
        '"0123456789"',
        "p:+60123456789",
        "tel:012-345 6789",
        "WhatsApp: +60123456789",
        "60123456789@s.whatsapp.net",
        "60123456789:12@s.whatsapp.net",
        "6.0123456789E+10",
        "\u202a+60 12\u2011345 6789\u202c",
        "\u200e012-345 6789",
        "\ufeff0123456789",
        "012\u200b3456789",
        "\uff0b\uff16\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19",
        "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",
    ],
)
def test_what_stands_around_a_number_is_nothing(written: str) -> None:
    assert normalize_phone(written) == OURS
    assert normalize_phone(written, is_listed=True) == OURS


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("012-345 6789/8", "several numbers"),
        ("03-7956 1234/5", "several numbers"),
        ("0167654321 / 0198887766", "several numbers"),
        ("+60 12-345 6789 ::: +60 16-765 4321", "several numbers"),
        ("012-3456789 or 016-7654321", "several numbers"),
        ("03-7956 1234 ext 12", "extension"),
        ("03-7956 1234 x12", "extension"),
        ("tel:+60379561234;ext=12", "extension"),
        ("2026-11-29", "date"),
        ("29/11/2026", "date"),
        ("2026-11-29 00:00:00", "date"),
        ("6.01234567E+10", "scientific"),
        ("60123456789@gmail.com", "not a number"),
        ("012-3456780 (Mak)", "not a number"),
        ("60170000001", "given out"),
        ("\u202aaina", "'aina' is not a number"),
    ],
)
def test_what_is_not_one_number_for_sure_is_refused(written: str, sentence: str) -> None:
    with pytest.raises(InvalidPhone, match=sentence):
        normalize_phone(written, is_listed=True)


@pytest.mark.parametrize(
    "written", ["(415) 555-2671", "98765 43210", "081234567890", "81234567890", "(11) 98765-4321", "9123 4567"]
)
def test_a_number_of_another_country_is_nobody_elses_in_a_list_that_does_not_say_so(written: str) -> None:
    with pytest.raises(InvalidPhone):
        normalize_phone(written, is_listed=True)


@pytest.mark.parametrize(
    ("written", "region", "phone"),
    [
        ("(415) 555-2671", "US", "14155552671"),
        ("98765 43210", "IN", "919876543210"),
        ("081234567890", "ID", "6281234567890"),
        ("81234567890", "ID", "6281234567890"),
        ("(11) 98765-4321", "BR", "5511987654321"),
        ("9123 4567", "SG", "6591234567"),
        ("6591234567", "SG", "6591234567"),
        ("628123456789.0", "MY", "628123456789"),
        ("919876543210", "MY", "919876543210"),
        ("030/1234567", "DE", "49301234567"),
    ],
)
def test_it_is_taken_where_its_country_is_known(written: str, region: str, phone: str) -> None:
    assert normalize_phone(written, region, is_listed=True) == phone


def test_a_provider_may_know_a_number_that_no_list_knows() -> None:
    assert normalize_phone("+60170000001", is_known=True) == "60170000001"


def examples() -> Iterator[tuple[str, phonenumbers.PhoneNumber]]:
    """Yield an example of each kind of number of each country."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                yield region, number


def spellings(number: phonenumbers.PhoneNumber) -> Iterator[str]:
    """Yield how people and programs write a number."""
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    digits = e164.removeprefix("+")
    yield from (e164, national, international, digits, f"00{digits}", f"{digits}.0", f"'{e164}", f'="{national}"')
    yield from (international.replace(" ", "."), international.replace(" ", "\u00a0"), f"\u202a{international}\u202c")
    yield from (national.replace(" ", ""), national.replace("-", " "), f"tel:{e164}", f"p:{e164}", f"\ufeff{national}")
    yield phonenumbers.national_significant_number(number)


@pytest.mark.parametrize("is_listed", [False, True])
def test_of_every_country_what_is_stored_is_the_number_or_nothing(*, is_listed: bool) -> None:
    taken = 0
    for region, number in examples():
        meant = phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
        for written in spellings(number):
            with suppress(InvalidPhone):
                assert normalize_phone(written, region, is_listed=is_listed) == meant, (region, written)
                taken += 1
    assert taken > 6_000


@pytest.mark.parametrize("home", ["MY", "US", "BR", "DE", "ID", "IN"])
def test_with_its_country_written_a_number_is_the_same_anywhere(home: str) -> None:
    for region, number in examples():
        meant = phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
        for written in (f"+{meant}", f"00{meant}", phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)):
            assert normalize_phone(written, home, is_listed=True) == meant, (region, written)


@pytest.mark.parametrize(
    ("written", "region"),
    [("MY", "MY"), ("malaysia", "MY"), ("+62", "ID"), ("Indonesia", "ID"), ("UK", "GB"), ("Brasil", "BR"), ("?", None)],
)
def test_a_country_is_known_by_its_names(written: str, region: str | None) -> None:
    assert region_named(written) == region
