"""Countries by the names that lists give them: the region (ISO 3166) in which a row's phone is dialled."""

import re
from functools import cache
from importlib.resources import files

import phonenumbers

OTHER_NAMES = {
    "usa": "US",
    "united states of america": "US",
    "america": "US",
    "uk": "GB",
    "great britain": "GB",
    "united kingdom": "GB",
    "england": "GB",
    "uae": "AE",
    "south korea": "KR",
    "brasil": "BR",
    "españa": "ES",
    "deutschland": "DE",
    "singapura": "SG",
}
"""What people write beside the names of the table that comes with the time zones."""

_CODE = re.compile(r"\+?(\d{1,3})")


def region_named(written: str) -> str | None:
    """Return the region that a cell names by its code, its English name or its calling code; None where it names none.

    The names are those of ``iso3166.tab`` in the time zone database, in the public domain.
    """
    text = " ".join(written.split()).strip(".").casefold()
    if text.upper() in phonenumbers.SUPPORTED_REGIONS:
        return text.upper()
    code = _CODE.fullmatch(text)
    if code is not None:
        region = phonenumbers.region_code_for_country_code(int(code[1]))
        return region if region in phonenumbers.SUPPORTED_REGIONS else None
    return _names().get(text)


@cache
def country_name(region: str) -> str:
    """Return the English name of a region, such as ``Malaysia`` for ``MY``; the region itself where it has none."""
    return next((name for code, name in _table() if code == region), region)


@cache
def _names() -> dict[str, str]:
    named = {name.casefold(): code for code, name in _table() if code in phonenumbers.SUPPORTED_REGIONS}
    plain = {re.sub(r"\s*\(.*\)", "", name): code for name, code in named.items()}
    return {**plain, **named, **OTHER_NAMES}


@cache
def _table() -> tuple[tuple[str, str], ...]:
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8").splitlines()
    rows = (line.partition("\t") for line in lines if line and not line.startswith("#"))
    return tuple((code, name) for code, _, name in rows)
