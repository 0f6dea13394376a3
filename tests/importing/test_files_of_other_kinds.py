"""Files that are no list: each refused in one sentence that says what to do with it, whatever its name ends in."""

import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from lead_lists import csv_list, leads_of, read_rows, xlsx_list

from dripline.errors import InvalidFile
from dripline.importing.leads.leads_file import open_leads
from dripline.importing.leads.upload import keep_upload

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


KINDS = [
    (OLE + bytes(600) + "Workbook".encode("utf-16-le") + bytes(600), "workbook of the old kind", ".xlsx"),
    (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), "locked with a password", "password off"),
    (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "LibreOffice", "save it as"),
    (zipped(**{"xl/workbook.bin": b"", "[Content_Types].xml": b""}), "binary workbook", "save it as"),
    (zipped(**{"Index/Document.iwa": b""}), "Numbers", "export it"),
    (zipped(**{"word/document.xml": b"", "[Content_Types].xml": b""}), "Word", "copy its table"),
    (zipped(**{"leads.csv": b"phone\n0123456789\n"}), "zip archive", "unpack it"),
    (zipped(), "zip archive", "unpack it"),
    (b"PK\x03\x04" + bytes(100), "damaged", "save it as"),
    (b"%PDF-1.7\n", "PDF", "export the list"),
    (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture", "export the list"),
    (b"\xff\xd8\xff\xe0" + bytes(50), "picture", "export the list"),
    (b"\x1f\x8b\x08" + bytes(50), "packed", "unpack it"),
    (b"\n<html><table><tr><td>phone</td></tr></table></html>", "web page", "save it as"),
    (b"<table><tr><td>phone</td></tr></table>", "web page", "save it as"),
    (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "XML", "save it as"),
    (b'[{"phone": "0123456789"}]', "JSON", "export the list as CSV"),
    (b"SQLite format 3\0" + bytes(50), "database", "export its list"),
    (b"{\\rtf1\\ansi}", "text document", "copy its table"),
    (bytes(600), "not text", "Save As"),
    (b"", "is empty", "save it again"),
]


@pytest.mark.parametrize("name", ["leads.csv", "leads.xlsx", "leads.txt", "leads.xls", "leads.pdf"])
@pytest.mark.parametrize(("content", "what", "remedy"), KINDS, ids=[kind for _, kind, _ in KINDS])
def test_what_is_no_list_is_refused_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, what: str, remedy: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidFile) as refused:
        open_leads(tmp_path / name, allow_no_trigger=True)

    said = str(refused.value)
    assert said.startswith(f"{tmp_path / name} ")
    assert len(said.splitlines()) == 1
    if content != bytes(600) or name == "leads.csv":
        assert what in said
        assert remedy in said


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("a.xls", "open it in Excel"), ("a.ods", "save it as"), ("a.pdf", "export"), ("a.zip", "unpack"), ("a", "CSV")],
)
def test_an_upload_is_refused_by_its_name_with_what_to_do(tmp_path: Path, name: str, remedy: str) -> None:
    with pytest.raises(InvalidFile, match=f"^{name} .*{remedy}"):
        keep_upload(b"x", name, tmp_path)


def test_a_workbook_that_is_called_a_text_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = xlsx_list(tmp_path, [["phone"], ["0123456789"]]).rename(tmp_path / "leads.csv")

    assert [lead.phone for lead in leads_of(read_rows(path))] == ["60123456789"]


def test_a_text_that_begins_like_a_picture_by_chance_is_a_text(tmp_path: Path) -> None:
    assert leads_of(read_rows(csv_list(tmp_path, "BM,phone\nx,0123456789\n")))[0].phone == "60123456789"
