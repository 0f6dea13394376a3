"""Workbooks that unpack to far more than they are: refused before they take the memory."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from lead_lists import read_rows, xlsx_list

from dripline.errors import InvalidFile
from dripline.importing.tables import shared_texts

MEGABYTE = 1_000_000
TYPES = b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'

Change = Callable[[str, bytes], bytes]


def one_row(name: str, part: bytes) -> bytes:
    return part.replace(b"</row>", b"<c/>" * (5 * MEGABYTE) + b"</row>", 1) if name.endswith("sheet1.xml") else part


def styles(name: str, part: bytes) -> bytes:
    return (
        part.replace(b"</fonts>", b"<font/>" * (MEGABYTE // 2) + b"</fonts>") if name.endswith("styles.xml") else part
    )


def tail(name: str, part: bytes) -> bytes:
    fill = b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:B2"/>' * 310_000 + b"</mergeCells>"
    return part.replace(b"</sheetData>", fill) if name.endswith("sheet1.xml") else part


def texts(name: str, part: bytes) -> bytes:
    if name == "[Content_Types].xml":
        return part.replace(b"</Types>", b'<Override PartName="/xl/workbook.xml.rels" ' + TYPES)
    if name.endswith("sheet1.xml"):
        return part.replace(b't="inlineStr"><is><t>0123456789</t></is>', b't="s"><v>40000</v>')
    return part


def wide(name: str, part: bytes) -> bytes:
    row = b'<row r="4"><c r="XFD4"><v>1</v></c></row></sheetData>'
    return part.replace(b"</sheetData>", row) if name.endswith("sheet1.xml") else part


def high(name: str, part: bytes) -> bytes:
    row = b'<row r="9999999"><c r="A9999999"><v>1</v></c></row></sheetData>'
    return part.replace(b"</sheetData>", row) if name.endswith("sheet1.xml") else part


def changed(folder: Path, change: Change) -> Path:
    path = folder / "bomb.xlsx"
    plain = xlsx_list(folder, [["phone"], ["0123456789"], ["0123456780"]])
    with ZipFile(plain) as old, ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        if change is texts:
            table = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            new.writestr("xl/workbook.xml.rels", table + b"<si/>" * 50_000 + b"</sst>")
    return path


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (one_row, "more at once than a list needs"),
        (styles, "more at once than a list needs"),
        (tail, "more at once than a list needs"),
        (texts, "more at once than a list needs"),
        (wide, "more than 1,000 columns"),
        (high, "more than 1,048,576 rows"),
    ],
)
def test_a_workbook_that_grows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change, sentence: str
) -> None:
    monkeypatch.setattr(shared_texts, "TEXTS_LIMIT", 10_000)
    with pytest.raises(InvalidFile, match=sentence):
        read_rows(changed(tmp_path, change))


def test_a_row_of_elements_takes_little_memory(tmp_path: Path) -> None:
    """20 MB of empty cells took 1.6 GB; the process that reads them is given 1 GB in all."""
    path = changed(tmp_path, one_row)
    program = (
        "import sys; from pathlib import Path; from dripline.importing.leads.leads_file import open_leads\n"
        "try:\n    list(open_leads(Path(sys.argv[1]), allow_no_trigger=True))\n"
        "except Exception as error: print(type(error).__name__)"
    )
    limit = 1_000 * MEGABYTE
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip

    assert ran.stdout == "InvalidFile\n"


def test_rows_that_a_sheet_leaves_out_keep_the_numbers_of_the_others(tmp_path: Path) -> None:
    def gap(name: str, part: bytes) -> bytes:
        row = b'<row r="90"><c r="A90"><v>60123456789</v></c></row></sheetData>'
        return part.replace(b"</sheetData>", row) if name.endswith("sheet1.xml") else part

    assert [row.number for row in read_rows(changed(tmp_path, gap))] == [2, 3, 90]
