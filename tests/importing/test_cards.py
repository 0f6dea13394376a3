"""vCards as phones and address books export them."""

from pathlib import Path

import pytest
from lead_lists import leads_of, read_rows, refused_of

from dripline.importing.leads.leads_file import open_leads


def cards(folder: Path, *lines: str, encoding: str = "utf-8", end: str = "\r\n") -> Path:
    path = folder / "contacts.vcf"
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def card(*lines: str, version: str = "3.0") -> tuple[str, ...]:
    return ("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD")


def test_a_card_of_a_phone_is_a_lead(tmp_path: Path) -> None:
    lines = card(
        "N:Zulkifli;Aina;;;", "FN:Aina Zulkifli", "TEL;TYPE=WORK:03-7956 1234", "TEL;TYPE=CELL:+60 12-345 6789",
        "EMAIL:aina@example.com", "ORG:Kedai;Jualan", "NOTE:a\\, b\\nc",
    )  # fmt: skip
    (lead,) = leads_of(read_rows(cards(tmp_path, *lines)))

    assert (lead.phone, lead.email, lead.name) == ("60123456789", "aina@example.com", "Aina Zulkifli")
    assert lead.attributes == {"other_phones": "03-7956 1234", "organization": "Kedai Jualan", "note": "a, b\nc"}


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        (["N:;Siti;;;", "TEL;CELL:0123456789"], "2.1"),
        (["N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;Siti=", ";;;", "TEL;CELL;PREF:0123456789"], "2.1"),
        (["FN:Si", " ti", "item1.TEL;type=CELL;type=pref:0123456789", "item1.X-ABLabel:main"], "3.0"),
        (["FN:Siti", 'TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+60-12-345-6789'], "4.0"),
        (["FN:Siti", "TEL;TYPE=HOME:0379561234", "TEL;waid=60123456789:+60 12-345 6789"], "3.0"),
        (["FN:Siti", "TEL;TYPE=FAX,WORK:0379561234", "TEL;TYPE=VOICE:0123456789"], "3.0"),
        (["FN:Siti", "PHOTO;ENCODING=b;TYPE=JPEG:" + "A" * 300_000, " " + "B" * 70, "TEL:0123456789"], "3.0"),
        (["fn:Siti", "tel;type=cell:0123456789"], "3.0"),
        (["FN:", "N:;Siti;;;", "TEL:0123456789"], "3.0"),
    ],
)
def test_every_version_and_way_of_writing_is_read(tmp_path: Path, lines: list[str], version: str) -> None:
    for end in ("\r\n", "\n"):
        (lead,) = leads_of(read_rows(cards(tmp_path, *card(*lines, version=version), end=end)))

        assert (lead.phone, lead.name) == ("60123456789", "Siti")


@pytest.mark.parametrize("charset", ["UTF-8", "GB18030"])
def test_quoted_printable_names_are_read_in_their_charset(tmp_path: Path, charset: str) -> None:
    quoted = "".join(f"={byte:02X}" for byte in "王芳".encode(charset))
    name = f"N;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:{quoted[:6]}=", f"{quoted[6:]};;;;"
    (lead,) = leads_of(read_rows(cards(tmp_path, *card(*name, "TEL;CELL:0123456789", version="2.1"))))

    assert lead.name == "王芳"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_many_cards_are_many_rows_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    lines = [line for at in range(3) for line in ("", *card(f"FN:王芳 {at}", f"TEL:012345678{at}"))]
    with open_leads(cards(tmp_path, *lines, encoding=encoding), allow_no_trigger=True) as leads:
        rows = list(leads)

    assert [row.number for row in rows] == [2, 3, 4]
    assert [lead.name for lead in leads_of(rows)] == ["王芳 0", "王芳 1", "王芳 2"]


def test_a_card_without_an_address_or_end_is_refused_by_its_number(tmp_path: Path) -> None:
    rows = read_rows(cards(tmp_path, *card("FN:Aina"), "BEGIN:VCARD", "FN:Lim", *card("FN:Siti", "TEL:0123456789")))

    assert [(row.number, row.value) for row in refused_of(rows)] == [(2, ""), (3, "Lim")]
    assert "END:VCARD" in refused_of(rows)[1].reason
    assert [lead.name for lead in leads_of(rows)] == ["Siti"]
