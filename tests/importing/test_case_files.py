"""Lists as other programs write them and people keep them, from the folder of cases beside the checkout.

The tests beside this one hold inputs of their own of every kind that is here; these are the files themselves.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lead_lists import leads_of, refused_of

from dripline.errors import InvalidFile
from dripline.importing.leads.lead_row import GoodRow
from dripline.importing.leads.leads_file import open_leads
from dripline.importing.leads.mapping import read_choice

CASES = Path(__file__).parents[3] / "shared" / "cases" / "imports"

AINA, LIM, SITI, WORK = "60123456789", "60167654321", "60198887766", "60379561234"


@dataclass(frozen=True, slots=True)
class Right:
    """What is right of a file: the phones that come in, and words of what is said of single rows, or why none does."""

    phones: tuple[str | None, ...] = ()
    refused: tuple[str, ...] = field(default=(), kw_only=True)
    noted: tuple[str, ...] = field(default=(), kw_only=True)
    whole: str = field(default="", kw_only=True)
    choices: tuple[str, ...] = field(default=(), kw_only=True)


RIGHT = {
    "01-facebook-lead-ads-utf16.csv": Right((AINA, LIM, SITI)),
    "02-facebook-lead-ads-utf8.csv": Right((AINA, LIM, SITI)),
    "03-google-contacts.csv": Right((AINA, "60129998877"), noted=("several numbers",)),
    "04-outlook-windows1252.csv": Right(("5511987654321", AINA)),
    "05-excel-sep-line.csv": Right((AINA, LIM)),
    "06-semicolon-locale.csv": Right((AINA, LIM)),
    "09-arabic-headers.csv": Right(refused=("given out in MY",)),
    "10-malay-headers.csv": Right((AINA,)),
    "11-shopify-customers.csv": Right((AINA, LIM)),
    "12-woocommerce-customers.csv": Right((None,)),
    "13-woocommerce-billing.csv": Right((AINA,)),
    "14-hubspot-210-columns.csv": Right((AINA,), noted=("'Mobile Phone Number' is empty",)),
    "15-hubspot-210-columns-phone-renamed.csv": Right((AINA,)),
    "16-mailchimp-audience.csv": Right((AINA,)),
    "19-google-form-responses.csv": Right((AINA, LIM)),
    "20-pandas-floats.csv": Right((AINA, "628123456789"), refused=("given out", "neither a phone nor")),
    "21-pandas-floats-noindex.csv": Right((AINA, "628123456789"), refused=("neither a phone nor",)),
    "22-apostrophe-and-guard.csv": Right((AINA, LIM, SITI)),
    "23-second-numbers.csv": Right((AINA, WORK, LIM), noted=("several",) * 3, refused=("extension", "not a number")),
    "24-foreign-local-numbers.csv": Right(
        (
            "14155552671",
            "919876543210",
            "6281234567890",
            "6281234567890",
            "5511987654321",
            "971501234567",
            "6591234567",
        ),
        noted=("same person",),
    ),
    "25-foreign-with-country.csv": Right(
        ("14155552671", "919876543210", "6281234567890", "5511987654321", "971501234567", "6591234567")
    ),
    "26-invisible-marks.csv": Right((AINA, LIM, SITI, "60198887755", "60123456780")),
    "27-quoted-newlines.csv": Right((AINA,)),
    "28-title-rows.csv": Right((AINA,)),
    "29-duplicate-headers.csv": Right(whole="the column phone twice"),
    "30-duplicate-attribute.csv": Right(whole="the column notes twice"),
    "31-digit-header.csv": Right((AINA,)),
    "32-whatsapp-group-export.csv": Right((AINA, "6281234567890")),
    "33-pipe.csv": Right((AINA,)),
    "34-contacts.vcf": Right((AINA,)),
    "37-trigger-spaces.csv": Right((LIM, SITI, "60198887755"), refused=("one word",)),
    "38-cr-only.csv": Right((AINA, LIM)),
    "39-outlook-web.csv": Right((AINA,)),
    "40-chatwoot.csv": Right((AINA,)),
    "41-one-bad-byte.csv": Right((AINA, LIM)),
    "42-excel-unicode-text.txt": Right((AINA,)),
    "44-quote-in-name.csv": Right((LIM, SITI, "60198887755"), refused=("stray",)),
    "45-unclosed-quote.csv": Right((AINA, SITI), refused=("stray",)),
    "46-trailing-commas.csv": Right((AINA, LIM)),
    "47-total-row.csv": Right((AINA,), refused=("neither a phone nor",)),
    "48-repeated-header.csv": Right((AINA, LIM), refused=("names of the columns again",)),
    "49-same-phone-twice.csv": Right((AINA, AINA), noted=("Row 2 names the same person",)),
    "50-emoji-names.csv": Right((AINA, LIM, SITI)),
    "R1-own-export.csv": Right((AINA, LIM)),
    "X1-hidden-sheet-formats.xlsx": Right((AINA, LIM)),
    "X2-formulas-no-cache.xlsx": Right((LIM,), refused=("formula",), noted=("formula",)),
    "X3-merged-header.xlsx": Right((AINA,)),
    "X5-hyperlinks.xlsx": Right((AINA,)),
    "X6-floats.xlsx": Right((AINA, AINA), refused=("given out", "scientific"), noted=("same person",)),
    "X7-1904.xlsx": Right((AINA,)),
    "X8-200-columns.xlsx": Right((AINA,)),
    "X9-table-at-B3.xlsx": Right((AINA,)),
    "X10-header-linebreak.xlsx": Right((AINA,)),
    "X11-cover-sheet.xlsx": Right((AINA,)),
}


def test_every_file_of_the_cases_has_its_line() -> None:
    if not CASES.is_dir():
        pytest.skip("the cases are not beside this checkout")
    assert {path.name for path in CASES.iterdir()} - {"README.md"} == set(RIGHT)


@pytest.mark.parametrize("name", RIGHT)
def test_a_file_of_the_cases_comes_in_as_its_line_says(name: str) -> None:
    if not CASES.is_dir():
        pytest.skip("the cases are not beside this checkout")
    right = RIGHT[name]
    choices = tuple(map(read_choice, right.choices))
    if right.whole:
        with pytest.raises(InvalidFile, match=right.whole):
            open_leads(CASES / name, trigger="WARM", choices=choices)
        return
    with open_leads(CASES / name, trigger="WARM", choices=choices) as leads:
        rows = list(leads)

    notes = [note.text for row in rows if isinstance(row, GoodRow) for note in row.notes]
    reasons = [row.reason for row in refused_of(rows)]
    assert tuple(lead.phone for lead in leads_of(rows)) == right.phones
    assert [said in note for said, note in zip(right.noted, notes, strict=True)] == [True] * len(notes)
    assert [said in reason for said, reason in zip(right.refused, reasons, strict=True)] == [True] * len(reasons)
