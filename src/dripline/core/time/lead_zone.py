"""Whose time zone: the one that is known for a lead, by its own word, its phone, its sequence or the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain

import phonenumbers
from phonenumbers import PhoneNumber

from dripline.core.time.clocks import changes_of_clocks, clocks_of, offset_at
from dripline.errors import InvalidWindow

ALIKE_FROM = datetime(2025, 1, 1, tzinfo=UTC)
ALIKE_UNTIL = datetime(2031, 1, 1, tzinfo=UTC)
"""Zones of a country whose clocks agree for these six years are one: a fixed span, since the core reads no clock."""

_CODE_DIGITS = 3
"""The longest country code; none begins another, so these digits tell the country."""


NO_PLACES = frozenset({"localtime", "posixrules", "factory"})
"""Files among the zones that are none: what they say is what a machine was set to, and differs from one to the next."""


def known_zone(name: str) -> str:
    """Return the name of a time zone, which somebody gives.

    Raises:
        InvalidWindow: There is none of that name, or it is whatever a machine was set to.
    """
    if name.rpartition("/")[2].casefold() in NO_PLACES:
        raise InvalidWindow(
            f"There is no time zone {name[:60]!r} that is the same on every machine: write one such as "
            "Asia/Kuala_Lumpur."
        )
    return clocks_of(name).key


def lead_zone(*, lead: str | None, phone: str | None, sequence: str | None, workspace: str) -> str:
    """Return the first zone that is known.

    The lead's own, its phone's country's where that has only one, its sequence's, its phone's area's, or the
    workspace's.
    """
    given = lead or zone_of_phone(phone) or sequence
    if given is not None:
        return given
    zones = zones_of_phone(phone)
    return zones[0] if len(zones) == 1 else workspace


def lead_zones(*, lead: str | None, phone: str | None, sequence: str | None, workspace: str) -> tuple[str, ...]:
    """Return the zone that a lead is in, or every one that it may be in where nobody knows which.

    That is a lead whose phone tells several, where neither it nor its sequence names one, and the workspace names none
    of these.
    """
    zone = lead_zone(lead=lead, phone=phone, sequence=sequence, workspace=workspace)
    if lead is not None or sequence is not None or zone != workspace:
        return (zone,)
    zones = zones_of_phone(phone)
    return zones if zones and _clock_years(workspace) not in map(_clock_years, zones) else (workspace,)


def zone_of_phone(phone: str | None) -> str | None:
    """Return the zone of a phone's country (``60123456789``), if that country has only one.

    Zones whose clocks agree are one: so Malaysia has one, and Germany too. Countries that share a code are told apart
    by the whole number where they differ, which takes longer: +1, +7 and +61 above all.
    """
    if phone is None:
        return None
    country = _country(phone[:_CODE_DIGITS])
    if country.has_number_zones:
        return _common_zone(_zones_of_country(country.code, phone.removeprefix(country.code)))
    return country.zone


def zones_of_phone(phone: str | None) -> tuple[str, ...]:
    """Return every zone that a phone may be in; none where it tells nothing.

    Where a country has several the area code decides; a mobile number of Australia has none, and may be in any.
    """
    if phone is None:
        return ()
    country = _country(phone[:_CODE_DIGITS])
    if country.zone is not None:
        return (country.zone,)
    return _zones_of_number(country.code, phone.removeprefix(country.code)) if country.code else ()


def is_country_of_one_zone(digits: str) -> bool:
    """Return whether the first digits of a phone tell its zone, whatever follows."""
    return _country(digits[:_CODE_DIGITS]).zone is not None


@dataclass(frozen=True, slots=True)
class _Country:
    """What the first digits of a number tell: the zone, or that the countries of this code differ in it."""

    code: str
    zone: str | None
    has_number_zones: bool


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


@lru_cache(maxsize=16_384)
def _zones_of_number(code: str, rest: str) -> tuple[str, ...]:
    """Return the zones of a number's area, of those that its country has; all of these where the area tells none."""
    there = _apart(_zones_of_country(code, rest))
    if len(there) <= 1:
        return there
    # Its tables of prefixes are read only where a country has several zones.
    from phonenumbers.timezone import time_zones_for_number

    area = tuple(zone for zone in time_zones_for_number(_number(code, rest)) if zone in _zones_of_countries())
    # A zone that none of the country's is like stands for one that its table does not have.
    is_believed = area and {*map(_clock_years, area)} <= {*map(_clock_years, there)}
    return _apart(area) if is_believed else there


def _zones_of_country(code: str, rest: str) -> tuple[str, ...]:
    """Return the zones of the country of a number, or of all that share its code where nobody knows which."""
    if not rest.isdecimal():
        return ()
    region = phonenumbers.region_code_for_number(_number(code, rest))
    regions = () if region is None else (region,)
    return tuple(chain.from_iterable(_zones_by_region().get(one, ()) for one in regions or _regions_by_code()[code]))


def _number(code: str, rest: str) -> PhoneNumber:
    return PhoneNumber(country_code=int(code), national_number=int(rest), italian_leading_zero=rest[0] == "0")


@cache
def _zones_of_countries() -> frozenset[str]:
    return frozenset(chain.from_iterable(_zones_by_region().values()))


@lru_cache(maxsize=1024)
def _apart(zones: tuple[str, ...]) -> tuple[str, ...]:
    """Return the zones whose clocks differ, the first of each."""
    return tuple({_clock_years(zone): zone for zone in reversed(zones)}.values())[::-1]


def _common_zone(zones: tuple[str, ...]) -> str | None:
    """Return the first of some zones if the clocks of all of them agree."""
    return zones[0] if len({_clock_years(zone) for zone in zones}) == 1 else None


@cache
def _clock_years(zone: str) -> tuple[tuple[datetime, timedelta], ...]:
    """Return the offsets of a zone from `ALIKE_FROM` to `ALIKE_UNTIL`, and when each begins."""
    clocks = clocks_of(zone)
    changes = (ALIKE_FROM, *changes_of_clocks(ALIKE_FROM, ALIKE_UNTIL, clocks))
    return tuple((at, offset_at(at, clocks)) for at in changes)
