"""The file of refused rows comes back as it went out, and never over the list itself."""

from pathlib import Path

import pytest
from lead_lists import csv_list, leads_of, read_rows, refused_of, xlsx_list

from dripline.errors import InvalidFile
from dripline.importing.leads.leads_file import RefusedRow, open_leads
from dripline.importing.leads.rejected_rows import RefusedFile, refused_path


def refuse(path: Path) -> Path:
    with open_leads(path, allow_no_trigger=True) as leads, RefusedFile(leads) as refused:
        for row in leads:
            if isinstance(row, RefusedRow):
                refused.write(row)
    return refused.path


def test_refused_rows_go_beside_the_list_with_their_reason_last(tmp_path: Path) -> None:
    made = refuse(csv_list(tmp_path, 'name;phone;niche\n"Tan; ""Ina""";12345; =1+1\nAli;0123456789;\n'))

    assert made == tmp_path / "leads.refused.csv"
    assert made.read_bytes().startswith(b'\xef\xbb\xbfname;phone;niche;import_error\r\n"Tan; ""Ina""";12345;\'=1+1;')
    assert made.read_bytes().count(b"\r\n") == 2


def test_a_corrected_file_is_imported_as_it_is(tmp_path: Path) -> None:
    made = refuse(csv_list(tmp_path, "name,phone\nAina,12345\n"))
    made.write_bytes(made.read_bytes().replace(b"12345,", b"0123456789,"))

    assert [(lead.phone, dict(lead.attributes)) for lead in leads_of(read_rows(made))] == [("60123456789", {})]


@pytest.mark.parametrize(
    "row", ["Aina,12345,a", "Tan, Aina,0123456789,a", '"Aina" x,0123456789,a', '"two\r\nlines",12345', "'=1+1,12345,"]
)
def test_refusing_twice_gives_the_same_rows(tmp_path: Path, row: str) -> None:
    path = csv_list(tmp_path, f"name,phone,niche\r\n{row}\r\n")
    once = refuse(path)
    twice = refuse(once)

    assert twice == tmp_path / "leads.refused.refused.csv"
    assert [row.cells[0] for row in refused_of(read_rows(once))] == [
        row.cells[0] for row in refused_of(read_rows(path))
    ]
    assert refused_of(read_rows(twice))[0].cells == refused_of(read_rows(once))[0].cells


def test_a_workbook_is_refused_into_a_text_file(tmp_path: Path) -> None:
    made = refuse(xlsx_list(tmp_path, [["phone", "import_error", "name"], [12345, "old", "Aina"]]))

    assert made.read_text(encoding="utf-8-sig").startswith("phone,name,import_error\n12345,Aina,\"The phone '12345'")


def test_no_file_is_made_when_nothing_is_refused(tmp_path: Path) -> None:
    assert not refuse(csv_list(tmp_path, "phone\n0123456789\n")).exists()


def test_the_list_itself_is_never_written_over(tmp_path: Path) -> None:
    path = csv_list(tmp_path, "phone\n12345\n")
    with open_leads(path, allow_no_trigger=True) as leads, pytest.raises(InvalidFile, match="the list itself"):
        RefusedFile(leads, tmp_path / "." / "leads.csv")

    assert refused_path(tmp_path / "leads.xlsx") == tmp_path / "leads.refused.csv"


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "leads.refused.csv").mkdir()
    with pytest.raises(InvalidFile, match=r"leads\.refused\.csv cannot be written"):
        refuse(csv_list(tmp_path, "phone\n12345\n"))
