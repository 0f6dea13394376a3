"""Files that are refused as a whole, each with a sentence that names the file and the remedy."""

from pathlib import Path

import pytest
from lead_lists import csv_list, read_rows, xlsx_list

from dripline.errors import InvalidFile, InvalidSettings, InvalidTrigger
from dripline.importing.leads.leads_file import open_leads
from dripline.importing.tables import xlsx_table

BAD_TEXT = {
    "name,niche\nAina,a\n": "neither a phone nor an email column, only name, niche: say which column",
    "phone,name\n0123456789,Aina\n": "no trigger column: say which column it is, give all its leads one",
    "phone,trigger,Email,e-mail\n,,,\n": "the column email twice, as 'Email' and 'e-mail': delete or rename",
    "phone,trigger,My Niche,my-niche\n,,,\n": "the column my_niche twice, as 'My Niche' and 'my-niche'",
    "phone,trigger,,niche\n0123456789,A,lost,b\n": "values in column C, which has no name: name it in row 1",
    "phone,import_error,trigger,,niche\n0123456789,,A,lost,b\n": "values in column D",
    '"phone,trigger\n0123456789,A\n': "stray quotation mark",
    "phone,trigger\r\n": "a header but no leads: add",
    "\n , \n": "no rows: write a header",
    "phone,trigger\n0123456789,A\0\n": "is not text in UTF-8",
    "phone,trigger\n" + "0" * 1_000_000 + ",A\n": "a line of 1,000,000 characters",
}


@pytest.mark.parametrize("content", BAD_TEXT, ids=list(BAD_TEXT.values()))
def test_a_bad_text_is_refused_at_once(tmp_path: Path, content: str) -> None:
    path = csv_list(tmp_path, content)
    with pytest.raises(InvalidFile) as refused:
        open_leads(path)

    assert str(refused.value).startswith(f"{path} ")
    assert BAD_TEXT[content] in str(refused.value)


BAD_BYTES = [
    ("leads.csv", b"", "is empty"),
    ("leads.csv", "phone,name,trigger\n0123456789,陳,A\n".encode("big5"), "--encoding"),
    ("leads.csv", "phone,trigger\n0123456789,A\n".encode("utf-16")[:-1], "not in UTF-16 to its end"),
    ("leads.csv", b"PK\x03\x04" + bytes(100), "CSV UTF-8"),
    ("leads.xlsx", b"phone,trigger\n0123456789,A\n", "not a readable Excel workbook"),
    ("leads", b"phone,trigger\n0123456789,A\n", "neither .csv nor .xlsx"),
]


@pytest.mark.parametrize(("name", "content", "sentence"), BAD_BYTES)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidFile, match=sentence):
        open_leads(tmp_path / name)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / f"folder{suffix}"
    folder.mkdir()
    with pytest.raises(InvalidFile, match="is not a file"):
        open_leads(folder)
    with pytest.raises(InvalidFile, match="does not exist"):
        open_leads(tmp_path / f"missing{suffix}")


def test_a_name_that_no_system_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile):
        open_leads(tmp_path / f"{'x' * 5_000}.csv")
    with pytest.raises(InvalidFile):
        open_leads(tmp_path / "a\0b.csv")


@pytest.mark.parametrize("rows", [[], [["phone", "trigger"]], [["name"], ["Aina"]]])
def test_a_workbook_without_leads_is_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    with pytest.raises(InvalidFile, match=r"leads\.xlsx"):
        read_rows(xlsx_list(tmp_path, rows))


@pytest.mark.parametrize("limit", ["UNPACKED_LIMIT", "ROW_LIMIT"])
def test_a_workbook_beyond_its_limits_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(xlsx_table, limit, 3)
    with pytest.raises(InvalidFile, match=r"save it as CSV|split it"):
        read_rows(xlsx_list(tmp_path, [["phone"], *[["0123456789"]] * 3]))


def test_arguments_are_checked_before_the_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidTrigger):
        open_leads(tmp_path / "missing.csv", trigger=" ")
    with pytest.raises(InvalidSettings):
        open_leads(tmp_path / "missing.csv", region="ZZ")
