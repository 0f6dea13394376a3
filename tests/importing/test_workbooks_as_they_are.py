"""Workbooks as people keep them: what is read is what they see, and what cannot be seen is said."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from lead_lists import leads_of, read_rows, refused_of, xlsx_list
from openpyxl import Workbook

from dripline.errors import InvalidFile
from dripline.importing.leads.lead_row import GoodRow
from dripline.importing.leads.leads_file import open_leads
from dripline.importing.reading import Reading
from dripline.importing.tables import shared_texts
from dripline.importing.tables.number_format import shown

STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def book(folder: Path, *sheets: tuple[str, str, Sequence[Sequence[object]]]) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, state, rows in sheets:
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    workbook.save(folder / "leads.xlsx")
    return folder / "leads.xlsx"


def changed(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    other = path.with_name("changed.xlsx")
    with ZipFile(path) as old, ZipFile(other, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return other


TYPE = b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'

LIST = [["name", "phone"], ["Aina", "0123456789"]]
EMPTY: list[list[str]] = []
COVER = [["How to fill this file"], ["Do not edit"]]
LOOKUP = [["code", "meaning"], ["x", "y"]]


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (123456789, '"+60"0', "+60123456789"),
        (60123456789, '"+"0', "+60123456789"),
        (60123456789, "+#", "+60123456789"),
        (123456789, "000-000 0000", "012-345 6789"),
        (123456789, "0##-### ####", "012-345 6789"),
        (4155552671, "(000) 000-0000", "(415) 555-2671"),
        (0.5, "0%", "50%"),
        (0.125, "0.0%", "12.5%"),
        (0.125, "0 %", "13 %"),
        (1234.5, '"RM"#,##0.00', "RM1,234.50"),
        (1234.5, "[$RM-43E]#,##0.00", "RM1,234.50"),
        (1234.567, "#,##0.00 [$€-407]", "1,234.57 €"),
        (-3.5, "#,##0.00;[Red](#,##0.00)", "(3.50)"),
        (1234.5, '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', "1,234.50"),
        (1500000, '0.0,,"M"', "1.5M"),
        (5, "00", "05"),
        (12, '0" pcs"', "12 pcs"),
        (-5, "0", "-5"),
        (-0.0001, "0.00", "0.00"),
        (60123456789, "0", None),
        (60123456789, "#,##0", None),
        (60123456789.1, "0.00", None),
        (60123456789, "0.00E+00", None),
        (1.5, "# ?/?", None),
        (7, '"hidden"', None),
        (0, "0;-0;;@", None),
        (8123456789, "[<=9999999]###-####;(###) ###-####", None),
        (1e20, '"x"0', None),
    ],
)
def test_a_number_is_read_as_it_is_shown_unless_that_loses_digits(number: float, code: str, text: str | None) -> None:
    assert shown(number, code) == text


def test_cells_are_read_as_they_are_shown(tmp_path: Path) -> None:
    path = book(tmp_path, ("Leads", "visible", [["phone", "share", "price", "joined"], [123456789, 0.5, 1234.5, None]]))
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["phone", "share", "price", "joined"])
    sheet.append([123456789, 0.5, 1234.5, datetime(2026, 1, 31)])  # noqa: DTZ001 - a sheet knows no zone
    for cell, code in (("A2", '"+60"0'), ("B2", "0%"), ("C2", '"RM"#,##0.00'), ("D2", "dd/mm/yyyy")):
        sheet[cell].number_format = code
    workbook.save(path)
    (lead,) = leads_of(read_rows(path))

    assert lead.phone == "60123456789"
    assert lead.attributes == {"share": "50%", "price": "RM1,234.50", "joined": "2026-01-31"}


def test_no_more_digits_are_read_than_a_spreadsheet_keeps(tmp_path: Path) -> None:
    (lead,) = leads_of(read_rows(xlsx_list(tmp_path, [["phone", "sum", "big"], [60123456789, 0.1 + 0.2, 1e20]])))

    assert lead.attributes == {"sum": "0.3", "big": "100000000000000000000"}


def test_a_formula_without_a_value_is_told_by_name_and_refuses_an_address(tmp_path: Path) -> None:
    lines = [["name", "phone"], ['=A1&"x"', "0123456789"], ["Siti", "=1+1"], ["Lim", "0167654321"]]
    rows = read_rows(xlsx_list(tmp_path, lines))
    told = "a formula whose value is not in the file: open it in Excel, save it, and import it again."

    assert [
        (note.number, note.column, note.text) for row in rows if isinstance(row, GoodRow) for note in row.notes
    ] == [(2, "name", f"Left out. It holds {told}")]
    assert [(row.number, row.column, row.reason) for row in refused_of(rows)] == [
        (3, "phone", f"The cell holds {told}")
    ]


def test_a_formula_whose_value_is_an_empty_text_is_an_empty_cell(tmp_path: Path) -> None:
    path = xlsx_list(tmp_path, [["name", "phone"], ['=""', "0123456789"]])
    empty = changed(path, lambda _name, part: part.replace(b'<c r="A2">', b'<c r="A2" t="str">'))

    assert [lead.name for lead in leads_of(read_rows(empty))] == [""]


def test_hidden_rows_are_not_written_to_and_are_said(tmp_path: Path) -> None:
    path = xlsx_list(tmp_path, [["phone"], ["0123456789"], ["0167654321"]])
    filtered = changed(path, lambda _name, part: part.replace(b'<row r="2"', b'<row r="2" hidden="1"'))
    rows = read_rows(filtered)

    assert [lead.phone for lead in leads_of(rows)] == ["60167654321"]
    assert [(row.number, row.reason.partition(":")[0]) for row in refused_of(rows)] == [
        (2, "The row is hidden in the workbook, by a filter or by hand")
    ]


def test_a_strict_workbook_is_read(tmp_path: Path) -> None:
    path = xlsx_list(tmp_path, [["name", "phone", "joined"], *[["Aina", f"0123{at:06}", "x"] for at in range(3_000)]])

    def strict(name: str, part: bytes) -> bytes:
        for usual, other in STRICT.items():
            part = part.replace(usual, other)
        if name.endswith("sheet1.xml"):
            part = part.replace(
                b'<c r="C2" t="inlineStr"><is><t>x</t></is></c>', b'<c r="C2" t="d"><v>2026-01-31</v></c>'
            )
        return part

    leads = leads_of(read_rows(changed(path, strict)))

    assert len(leads) > 2_000
    assert leads[0].attributes == {"joined": "2026-01-31"}


@pytest.mark.parametrize(
    ("sheets", "read"),
    [
        ([("Cover", "visible", COVER), ("Data", "visible", LIST)], "Data"),
        ([("Lookup", "hidden", LIST), ("Data", "visible", LIST)], "Data"),
        ([("Lookup", "visible", LOOKUP), ("Data", "visible", LIST)], "Data"),
        ([("Data", "visible", LIST), ("More", "visible", LIST)], "Data"),
        ([("Empty", "visible", EMPTY), ("Data", "visible", LIST)], "Data"),
        ([("Form", "visible", [["name", "phone"]]), ("Data", "visible", LIST)], "Data"),
        ([("Lookup", "veryHidden", LIST), ("Data", "visible", [["Title"], *LIST])], "Data"),
    ],
)
def test_the_sheet_that_looks_like_a_list_is_read_and_said(
    tmp_path: Path, sheets: list[tuple[str, str, list[list[str]]]], read: str
) -> None:
    with open_leads(book(tmp_path, *sheets), allow_no_trigger=True) as leads:
        assert [lead.name for lead in leads_of(list(leads))] == ["Aina"]
        assert leads.found.read_as.sheet == read
        assert leads.found.read_as.sheets == tuple(name for name, _, _ in sheets)
        assert leads.found.read_as.notes[0].startswith(f"The sheet '{read}' is read, and not ")


@pytest.mark.parametrize("wanted", ["Old", "old ", "2"])
def test_the_sheet_can_be_said(tmp_path: Path, wanted: str) -> None:
    path = book(tmp_path, ("New", "visible", LIST), ("Old", "hidden", [["name", "phone"], ["Lim", "0167654321"]]))
    with open_leads(path, allow_no_trigger=True, reading=Reading(sheet=wanted)) as leads:
        assert [lead.name for lead in leads_of(list(leads))] == ["Lim"]
    with pytest.raises(InvalidFile, match=r"has no sheet 'Mine', only 'New', 'Old': name one of these"):
        open_leads(path, reading=Reading(sheet="Mine"))


def test_merged_headers_and_a_table_that_begins_elsewhere_are_found(tmp_path: Path) -> None:
    rows = [[], [None, "Pelanggan", None, "Kempen"], [None, "name", "phone", "note"], [None, "Aina", "0123456789", "x"]]
    path = book(tmp_path, ("Leads", "visible", rows))
    with open_leads(path, allow_no_trigger=True) as leads:
        read = list(leads)
        assert [(row.number, lead.name) for row, lead in zip(read, leads_of(read), strict=True)] == [(4, "Aina")]
        assert leads.found.read_as.header_row == 3


def test_repeated_texts_beyond_what_is_held_are_read_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_texts, "HELD", 300)
    monkeypatch.setattr(shared_texts, "FRESH", 70)
    rows = [["name", "phone"], *[[f"Aïna {at}", f"01234567{at:02}"] for at in range(50)]]
    workbook = Workbook()
    for row in rows:
        workbook.worksheets[0].append(row)
    workbook.save(tmp_path / "leads.xlsx")

    assert [lead.name for lead in leads_of(read_rows(shared(tmp_path / "leads.xlsx")))] == [
        name for name, _ in rows[1:]
    ]


def test_a_workbook_of_another_program_whose_styles_are_odd_is_read(tmp_path: Path) -> None:
    path = xlsx_list(tmp_path, [["phone", "name"], ["0123456789", "Aina"]])
    odd = changed(
        path,
        lambda _name, part: re.sub(rb"<fills.*</fills>", b'<fills count="1"><fill/></fills>', part, flags=re.DOTALL),
    )

    assert [lead.name for lead in leads_of(read_rows(odd))] == ["Aina"]


def shared(path: Path) -> Path:
    """Return the workbook with its texts in the table of repeated ones, in forms that Excel writes."""
    texts: list[bytes] = []

    def number(found: re.Match[bytes]) -> bytes:
        texts.append(found[2])
        return b'<c r="%s" t="s"><v>%d</v></c>' % (found[1], len(texts) - 1)

    def into_table(name: str, part: bytes) -> bytes:
        if name == "[Content_Types].xml":
            return part.replace(b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ' + TYPE + b"</Types>")
        return re.sub(rb'<c r="(\w+)" t="inlineStr"><is><t>(.*?)</t></is></c>', number, part)

    other = changed(path, into_table)
    runs = b"<si><r><t>%s</t></r><r><rPr><b/></rPr><t>%s</t></r><rPh><t>no</t></rPh></si>"
    table = b"".join(runs % (text[:1], text[1:]) for text in texts)
    with ZipFile(other, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", b'<sst xmlns="%s">%s</sst>' % (next(iter(STRICT)), table))
    return other
