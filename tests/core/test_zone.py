"""Whose time zone, and what a phone number tells of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest

from dripline.core.clocks import changes_of_clocks, offset_at
from dripline.core.zone import known_zone, lead_zone, zone_of_phone
from dripline.errors import InvalidWindow


@pytest.mark.parametrize(
    ("phone", "zone"),
    [
        ("60123456789", "Asia/Kuala_Lumpur"),
        ("60821234567", "Asia/Kuala_Lumpur"),  # Kuching's clocks agree
        ("6591234567", "Asia/Singapore"),
        ("919812345678", "Asia/Kolkata"),
        ("447911123456", "Europe/London"),
        ("4915112345678", "Europe/Berlin"),
        ("390612345678", "Europe/Rome"),  # shared with the Vatican, without a difference
        ("541112345678", "America/Argentina/Buenos_Aires"),
        ("17875550123", "America/Puerto_Rico"),
        ("18765550123", "America/Jamaica"),
        ("77011234567", "Asia/Almaty"),
        ("262692123456", "Indian/Reunion"),
        ("12125550123", None),
        ("79161234567", None),
        ("61412345678", None),
        ("6281234567890", None),
        ("5511912345678", None),
        ("5215512345678", None),
    ],
)
def test_a_phone_tells_its_zone_where_its_country_has_only_one(phone: str, zone: str | None) -> None:
    assert zone_of_phone(phone) == zone


@pytest.mark.parametrize("phone", [None, "", "1", "7", "999", "abc", "80012345678", "88213300655", "1abc", "0", "+"])
def test_what_tells_no_country_tells_no_zone(phone: str | None) -> None:
    assert zone_of_phone(phone) is None


def test_every_country_gives_a_known_zone_or_none() -> None:
    examples = [(region, phonenumbers.example_number(region)) for region in sorted(phonenumbers.SUPPORTED_REGIONS)]
    zones = {
        region: zone_of_phone(f"{number.country_code}{phonenumbers.national_significant_number(number)}")
        for region, number in examples
        if number is not None
    }
    told = {region: known_zone(zone) for region, zone in zones.items() if zone is not None}

    assert len(told) > 200
    assert {"US", "RU", "AU", "ID", "BR", "MX", "CA", "CN", "ES", "PT", "NZ", "UA"}.isdisjoint(told)


def test_the_first_that_is_known_is_the_leads_zone() -> None:
    known = {"lead": "UTC", "phone": "60123456789", "sequence": "Europe/Berlin"}
    order: list[str] = []
    for missing in (None, "lead", "phone", "sequence"):
        known |= {missing: None} if missing else {}
        order.append(lead_zone(**known, workspace="America/Lima"))

    assert order == ["UTC", "Asia/Kuala_Lumpur", "Europe/Berlin", "America/Lima"]


def test_a_phone_that_tells_no_zone_leaves_it_to_the_sequence() -> None:
    assert lead_zone(lead=None, phone="12125550123", sequence="Asia/Tokyo", workspace="UTC") == "Asia/Tokyo"


@pytest.mark.parametrize("name", ["", "Asia/Nowhere", "../etc/passwd", "/etc/localtime", "America", "zone.tab", "a\0b"])
def test_an_unknown_zone_is_refused_with_one_that_exists(name: str) -> None:
    with pytest.raises(InvalidWindow, match=r"There is no time zone .*: write one such as Asia/Kuala_Lumpur\.$"):
        known_zone(name)


def test_every_zone_is_known() -> None:
    assert all(known_zone(name) == name for name in available_timezones())


def test_every_change_of_clocks_is_found_to_the_second() -> None:
    """Held against the offset looked up every six hours, in every zone."""
    first, look, second = datetime(2025, 1, 1, tzinfo=UTC), timedelta(hours=6), timedelta(seconds=1)
    for name in sorted(available_timezones()):
        clocks = ZoneInfo(name)
        offsets = [(first + n * look).astimezone(clocks).utcoffset() for n in range(4 * 365 * 2)]
        jumps = [n for n in range(1, len(offsets)) if offsets[n] != offsets[n - 1]]
        changes = list(changes_of_clocks(first, first + (len(offsets) - 1) * look + second, clocks))

        assert [-((first - at) // look) for at in changes] == jumps, name
        assert all(offset_at(at, clocks) != offset_at(at - second, clocks) for at in changes), name
