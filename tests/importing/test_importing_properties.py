"""Whatever people write comes back as it was, and no file at all makes the import fall over."""

import csv
import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lead_lists import leads_of, read_rows, refused_of, xlsx_list

from dripline.core.leads.intake import new_lead
from dripline.core.leads.lead import NewLead
from dripline.errors import InvalidFile
from dripline.importing.leads.columns import FORMULA_ERRORS, NOTHING
from dripline.importing.leads.leads_file import RefusedRow, open_leads
from dripline.importing.leads.rejected_rows import RefusedFile
from dripline.importing.setup.setup_file import read_setup
from dripline.importing.tables.csv_safety import plain
from dripline.importing.tables.delimiter import DELIMITERS

Cells = tuple[str, str, str, str]

HEADER: Cells = ("phone", "name", "niche", "trigger")

PHONES = st.integers(0, 9_999).map("6012345{:04d}".format)
TRIGGERS = st.lists(st.from_regex(r"[A-Za-z0-9_]{1,9}", fullmatch=True), max_size=3).map(", ".join)


def lists_of_rows(characters: st.SearchStrategy[str]) -> st.SearchStrategy[list[Cells]]:
    words = st.text(characters, max_size=30).filter(
        lambda word: word not in FORMULA_ERRORS and word.strip().casefold() not in NOTHING
    )
    return st.lists(st.tuples(PHONES, words, words, TRIGGERS), min_size=1, max_size=12)


TEXT_ROWS = lists_of_rows(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SHEET_ROWS = lists_of_rows(st.characters(exclude_categories=["C"], exclude_characters="=_"))


def expected(rows: Iterable[Cells]) -> list[NewLead]:
    return [
        new_lead(
            phone=phone,
            name=plain(name),
            attributes={"niche": plain(niche)},
            triggers=filter(None, trigger.split(", ")),
        )
        for phone, name, niche, trigger in rows
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lists")


@given(rows=TEXT_ROWS, delimiter=st.sampled_from(DELIMITERS), line_end=st.sampled_from(["\n", "\r\n"]))
def test_any_rows_written_as_text_read_back(folder: Path, rows: list[Cells], delimiter: str, line_end: str) -> None:
    path = folder / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(
            [HEADER, *rows]
        )

    assert leads_of(read_rows(path)) == expected(rows)


@given(rows=SHEET_ROWS)
def test_any_rows_written_as_a_workbook_read_back(folder: Path, rows: list[Cells]) -> None:
    assert leads_of(read_rows(xlsx_list(folder, [HEADER, *rows]))) == expected(rows)


@given(rows=TEXT_ROWS, delimiter=st.sampled_from(DELIMITERS))
def test_any_refused_rows_read_back(folder: Path, rows: list[Cells], delimiter: str) -> None:
    path = folder / "bad.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([HEADER, *(("12345", *others) for _, *others in rows)])
    with open_leads(path) as leads, RefusedFile(leads) as refused:
        bad = [row for row in leads if isinstance(row, RefusedRow)]
        for row in bad:
            refused.write(row)

    assert refused_of(read_rows(refused.path)) == bad


@given(content=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@pytest.mark.parametrize("header", [b"", b"phone,name\n", b"\xef\xbb\xbfphone;trigger\r\n1;2\r\n"])
def test_any_bytes_are_rows_or_an_invalid_file(folder: Path, header: bytes, content: bytes) -> None:
    for name in ("bytes.csv", "bytes.xlsx"):
        (folder / name).write_bytes(header + content)
        survives(folder / name)


@given(
    member=st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]),
    place=st.floats(0, 1),
    length=st.integers(0, 40),
    content=st.text("0123456789ABr=\"'<>/ .-eEtdsbn", max_size=12).map(str.encode),
)
def test_a_damaged_workbook_is_rows_or_an_invalid_file(
    folder: Path, member: str, place: float, length: int, content: bytes
) -> None:
    whole = ZipFile(io.BytesIO(xlsx_list(folder, [HEADER, ("60123450000", "Aina", "a", "A")]).read_bytes()))
    damaged = folder / "damaged.xlsx"
    with whole, ZipFile(damaged, "w") as archive:
        for name in whole.namelist():
            inside = whole.read(name)
            at = round(len(inside) * place)
            archive.writestr(name, inside[:at] + content + inside[at + length :] if name == member else inside)
    survives(damaged)


@given(content=st.binary(max_size=200) | st.text("name:trigse \n-[]{}&*!|>'\"#%@`,?~\t0", max_size=100).map(str.encode))
def test_any_bytes_are_sequences_or_an_invalid_file(folder: Path, content: bytes) -> None:
    path = folder / "any.yaml"
    path.write_bytes(content)
    with suppress(InvalidFile):
        read_setup(path)


def survives(path: Path) -> None:
    with suppress(InvalidFile):
        read_rows(path)
