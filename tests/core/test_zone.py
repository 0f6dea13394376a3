"""Whose time zone, and what a phone number tells of it."""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from dripline.core.time.clocks import changes_of_clocks, offset_at
from dripline.core.time.lead_zone import NO_PLACES, known_zone, lead_zone, lead_zones, zone_of_phone, zones_of_phone
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


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("12125550123", ("America/New_York",)),
        ("13105550123", ("America/Los_Angeles",)),
        ("18085550123", ("Pacific/Honolulu",)),
        ("61212345678", ("Australia/Sydney",)),
        ("6281234567890", ("Asia/Jakarta",)),
        ("5511912345678", ("America/Sao_Paulo",)),
        ("5592912345678", ("America/Manaus",)),
        ("34922123456", ("Atlantic/Canary",)),
        ("60123456789", ("Asia/Kuala_Lumpur",)),
        ("64211234567", ("Pacific/Auckland", "Pacific/Chatham")),
        ("999", ()),
        (None, ()),
    ],
)
def test_the_area_of_a_phone_tells_where_it_is(phone: str | None, zones: tuple[str, ...]) -> None:
    assert zones_of_phone(phone) == zones


@pytest.mark.parametrize("kind", [PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE])
def test_a_phone_of_every_country_is_only_in_zones_of_that_country(kind: int) -> None:
    """What the area tells is one of the country's own zones; where it tells nothing, all of these are left."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        number = phonenumbers.example_number_for_type(region, kind)
        theirs = {_clocks(zone) for zone in _zones_of(region)}
        # Ascension and a few others are in no table of zones.
        if number is None or phonenumbers.region_code_for_number(number) != region or not theirs:
            continue
        told = zones_of_phone(f"{number.country_code}{phonenumbers.national_significant_number(number)}")

        assert told, region
        assert {_clocks(zone) for zone in told} <= theirs, region
        assert len(told) == len({_clocks(zone) for zone in told}), region


def _zones_of(region: str) -> list[str]:
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    return [line.split("\t")[2] for line in lines if line.startswith(f"{region}\t")]


@cache
def _clocks(zone: str) -> tuple[timedelta, ...]:
    """The offsets of a zone each week of two years."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    return tuple(offset_at(first + timedelta(weeks=week), ZoneInfo(zone)) for week in range(104))


def test_a_phone_that_may_be_anywhere_in_its_country_is_in_all_of_its_zones() -> None:
    phone = "61412345678"
    told = zones_of_phone(phone)

    assert {"Australia/Perth", "Australia/Brisbane", "Australia/Darwin"} <= {*told}
    assert lead_zones(lead=None, phone=phone, sequence=None, workspace="UTC") == told
    assert lead_zones(lead="Asia/Tokyo", phone=phone, sequence=None, workspace="UTC") == ("Asia/Tokyo",)
    assert lead_zones(lead=None, phone=phone, sequence="Asia/Tokyo", workspace="UTC") == ("Asia/Tokyo",)
    assert lead_zones(lead=None, phone=phone, sequence=None, workspace="Australia/Hobart") == ("Australia/Hobart",)
    assert lead_zones(lead=None, phone="12125550123", sequence=None, workspace="Asia/Tokyo") == ("America/New_York",)


@pytest.mark.parametrize("name", ["", "Asia/Nowhere", "../etc/passwd", "/etc/localtime", "America", "zone.tab", "a\0b"])
def test_an_unknown_zone_is_refused_with_one_that_exists(name: str) -> None:
    with pytest.raises(InvalidWindow, match=r"There is no time zone .*: write one such as Asia/Kuala_Lumpur\.$"):
        known_zone(name)


def test_every_zone_is_known() -> None:
    names = [name for name in available_timezones() if name.rpartition("/")[2].casefold() not in NO_PLACES]

    assert len(names) > 500
    assert all(known_zone(name) == name for name in names)


@pytest.mark.slow
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


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "posix/localtime"])
def test_what_a_machine_was_set_to_is_no_zone(name: str) -> None:
    with pytest.raises(InvalidWindow, match="the same on every machine"):
        known_zone(name)
