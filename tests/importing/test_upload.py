"""A list that was handed over: where it is kept, and what is seen of it before an import."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from lead_lists import csv_list, xlsx_list

from dripline.errors import InvalidFile, InvalidTrigger
from dripline.importing.column_meaning import ColumnMeaning
from dripline.importing.leads import upload as uploads
from dripline.importing.leads.upload import ImportOptions, Upload, UploadPreview, keep_upload, read_upload
from dripline.importing.tables.csv_safety import csv_line, safe

LIST = b"name,phone,trigger\nAina,0123456789,WARM\n"


def preview(path: Path, options: ImportOptions | None = None) -> UploadPreview:
    return read_upload(Upload(path, "mine.csv"), options or ImportOptions())


def errors(shown: UploadPreview) -> list[list[bool]]:
    return [[cell.error is not None for cell in row.cells] for row in shown.rows]


@pytest.mark.parametrize("content", [LIST, BytesIO(LIST)])
def test_an_upload_is_kept_for_its_user_alone(tmp_path: Path, content: bytes | BytesIO) -> None:
    upload = keep_upload(content, "C:\\lists\\../May\n.CSV", tmp_path / "uploads")

    assert (upload.name, upload.path.parent) == ("May.CSV", tmp_path / "uploads")
    assert upload.path.read_bytes() == LIST
    if os.name == "posix":
        assert (upload.path.stat().st_mode & 0o77, upload.path.parent.stat().st_mode & 0o77) == (0, 0)
    uploads.let_go(upload)
    uploads.let_go(upload)
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (LIST, "a.csv", "larger than 0 MB"),
        (b"", "a.csv", "is empty"),
        (LIST, "a.exe", "neither"),
        (LIST, "", "neither"),
    ],
)
def test_what_cannot_be_kept_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, sentence: str
) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_LIMIT", 10)
    with pytest.raises(InvalidFile, match=sentence):
        keep_upload(content, name, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_each_cell_says_what_is_wrong_with_it_in_the_importers_words(tmp_path: Path) -> None:
    path = csv_list(
        tmp_path,
        "phone,email,trigger,zone,niche\n0123456789,a@b.co,A,Asia/Tokyo,x\n12,b,a b,Moon/Base,#N/A\n,,A,,\n"
        "1e5,,,,,lost\n",
    )
    shown = preview(path)

    assert errors(shown) == [
        [False] * 5,
        [True, False, True, False, False],
        [True, False, False, False, False],
        [True, False, False, False, False, True],
    ]  # fmt: skip
    assert (
        shown.rows[1].cells[0].error == "The phone '12' cannot be one: write it with its country, such as +60123456789."
    )
    assert shown.rows[1].number == 3
    assert [cell.note and cell.note[:22] for cell in shown.rows[1].cells] == [
        None, "Left out. The e-mail a", None, "Left out. There is no ", "Left out. It holds the",
    ]  # fmt: skip
    assert [cell.note for cell in shown.rows[0].cells] == ["Stored as +60123456789.", None, None, None, None]


def test_a_preview_is_of_the_first_rows_of_a_workbook_as_of_a_text(tmp_path: Path) -> None:
    path = xlsx_list(tmp_path, [["Phone", "Niche"], *[[60123456789, "x" * 500]] * 30])
    shown = preview(path)

    assert [(column.name, str(column.meaning)) for column in shown.columns] == [
        ("Phone", "phone"), ("Niche", "attribute niche"),
    ]  # fmt: skip
    assert len(shown.rows) == uploads.SHOWN_ROWS
    assert [len(cell.value) for cell in shown.rows[0].cells] == [11, uploads.SHOWN_CHARACTERS]


def test_a_list_whose_columns_say_too_little_is_shown_with_its_problem(tmp_path: Path) -> None:
    path = csv_list(tmp_path, "Line,Wer\n12,Aina\n")
    shown = preview(path)

    assert shown.problem is not None
    assert shown.problem.startswith("mine.csv has neither a phone nor an email column, only Line, Wer: say which")
    assert errors(shown) == [[False, False]]
    chosen = ImportOptions(meanings=(ColumnMeaning.read("phone"), ColumnMeaning.read("name")))
    assert errors(preview(path, chosen)) == [[True, False]]


def test_a_header_alone_is_a_problem_and_a_broken_row_is_an_error(tmp_path: Path) -> None:
    assert (
        preview(csv_list(tmp_path, "phone,name\n")).problem
        == "mine.csv holds a header but no leads: add one lead a row."
    )
    broken = preview(csv_list(tmp_path, 'phone,name\n"0123456789,Aina\n'))

    assert broken.rows[0].cells[0].error is not None
    assert "stray quotation mark" in broken.rows[0].cells[0].error


def test_no_sentence_tells_where_a_list_is_kept(tmp_path: Path) -> None:
    for content in (b"\xff\xfe", b'"phone\n1\n', b"\n\n"):
        upload = keep_upload(content, "mine.csv", tmp_path)
        with pytest.raises(InvalidFile, match=r"^mine\.csv ") as refused:
            read_upload(upload, ImportOptions())
        assert str(tmp_path) not in str(refused.value)
    with pytest.raises(InvalidTrigger):
        read_upload(keep_upload(LIST, "mine.csv", tmp_path), ImportOptions(trigger=" "))


@pytest.mark.parametrize(
    "cell", ["=1+1", "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1", "\uff1d1", "+6012=1"]
)
def test_a_formula_is_no_formula_any_more(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+60 12-345 6789", "+60123456789", "a=1", "", "60123456789", "Aina", "'x"])
def test_what_is_none_stays_as_it_is(cell: str) -> None:
    assert safe(cell) == cell


def test_a_line_is_one_of_a_csv_file() -> None:
    assert csv_line(("=1", "a,b", 'c"')) == '\'=1,"a,b","c"""\r\n'
