"""A list whose phones say no country, and are given out in another one than the list is read in."""

from collections import Counter
from collections.abc import Sequence as Listing

from dripline.core.leads.country import country_name
from dripline.core.leads.phone import given_out_in
from dripline.importing.leads.columns import Columns
from dripline.importing.leads.guessed_columns import is_phone, row_region

ASKED = 40
"""Of how many phones it is asked where they are given out: each is read in every country there is."""

FEWEST = 3
"""How few phones say nothing about where they are from."""

SHOWN = 3
"""How many countries are shown."""


def whose_phones(columns: Columns, rows: Listing[tuple[str, ...]], region: str) -> str:
    """Return a sentence if most phones of the rows are given out in another country than theirs, else nothing."""
    at = columns.own.get("phone")
    if at is None:
        return ""
    written = [cells[at] for cells in rows if cells[at].strip() and row_region(cells, columns.countries) is None]
    phones = [(phone, is_phone(phone, region)) for phone in written[:ASKED]]
    others = [given_out_in(phone) for phone, is_read in phones if not is_read]
    if len(others) < FEWEST or 2 * len(others) <= len(phones):
        return ""
    countries = Counter(country for known in others for country in known)
    highest = max(countries.values(), default=0)
    if 2 * highest <= len(others):
        return ""
    mobile = Counter(country for known in others for country, is_mobile in known.items() if is_mobile)
    best = [country for country, count in countries.items() if count == highest]
    likely = sorted(best, key=lambda country: -mobile[country])[:SHOWN]
    if mobile[likely[0]] > len(others) / 2:
        likely = [country for country in likely if mobile[country] == mobile[likely[0]]]
    named = " or ".join(f"{country_name(country)} ({country})" for country in likely)
    here = f"{country_name(region)} ({region})"
    return (
        f"{len(others)} of {len(phones)} phones are no numbers that are given out in {here}; "
        f"{highest} of {len(others)} are valid in {named}."
    )
