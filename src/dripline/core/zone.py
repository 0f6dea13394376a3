"""Whose time zone: the one that is known for a lead, by its own word, its phone, its sequence or the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain

import phonenumbers
from phonenumbers import PhoneNumber

from dripline.core.clocks import changes_of_clocks, clocks_of, offset_at

ALIKE_FROM = datetime(2025, 1, 1, tzinfo=UTC)
ALIKE_UNTIL = datetime(2031, 1, 1, tzinfo=UTC)
"""Zones of a country whose clocks agree for these six years are one: a fixed span, since the core reads no clock."""

_CODE_DIGITS = 3
"""The longest country code; none begins another, so these digits tell the country."""


def known_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises:
        InvalidWindow: There is none of that name.
    """
    return clocks_of(name).key


def lead_zone(*, lead: str | None, phone: str | None, sequence: str | None, workspace: str) -> str:
    """Return the first zone that is known: the lead's own, its phone's, its sequence's, or the workspace's."""
    return lead or zone_of_phone(phone) or sequence or workspace


def zone_of_phone(phone: str | None) -> str | None:
    """Return the zone of a phone's country (``60123456789``), if that country has only one.

    Zones whose clocks agree are one: so Malaysia has one, and Germany too. Countries that share a code are told apart
    by the whole number where they differ, which takes longer: +1, +7 and +61 above all.
    """
    if phone is None:
        return None
    country = _country(phone[:_CODE_DIGITS])
    if country.is_told_by_number:
        return _zone_of_region(_region_of(country.code, phone.removeprefix(country.code)))
    return country.zone


@dataclass(frozen=True, slots=True)
class _Country:
    """What the first digits of a number tell: the zone, or that the countries of this code differ in it."""

    code: str
    zone: str | None
    is_told_by_number: bool


@lru_cache(maxsize=2048)
def _country(digits: str) -> _Country:
    codes = (digits[:length] for length in range(1, _CODE_DIGITS + 1))
    code = next((code for code in codes if code in _regions_by_code()), "")
    regions = _regions_by_code().get(code, ())
    zone = _common_zone(tuple(chain.from_iterable(_zones_by_region().get(region, ()) for region in regions)))
    return _Country(code, zone, zone is None and len(regions) > 1)


@cache
def _regions_by_code() -> Mapping[str, tuple[str, ...]]:
    return {str(code): regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


@cache
def _zones_by_region() -> Mapping[str, list[str]]:
    """Return the zones of each country, the chief one first, by the table that comes with the rules of time zones."""
    zones: dict[str, list[str]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            region, _, zone, *_ = line.split("\t")
            zones.setdefault(region, []).append(zone)
    return zones


def _region_of(code: str, rest: str) -> str | None:
    if not rest.isdecimal():
        return None
    number = PhoneNumber(country_code=int(code), national_number=int(rest), italian_leading_zero=rest[0] == "0")
    return phonenumbers.region_code_for_number(number)


@cache
def _zone_of_region(region: str | None) -> str | None:
    return _common_zone(tuple(_zones_by_region().get(region or "", ())))


def _common_zone(zones: tuple[str, ...]) -> str | None:
    """Return the first of some zones if the clocks of all of them agree."""
    return zones[0] if len({_clock_years(zone) for zone in zones}) == 1 else None


@cache
def _clock_years(zone: str) -> tuple[tuple[datetime, timedelta], ...]:
    """Return the offsets of a zone from `ALIKE_FROM` to `ALIKE_UNTIL`, and when each begins."""
    clocks = clocks_of(zone)
    changes = (ALIKE_FROM, *changes_of_clocks(ALIKE_FROM, ALIKE_UNTIL, clocks))
    return tuple((at, offset_at(at, clocks)) for at in changes)
