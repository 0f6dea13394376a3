"""What a good list reads as, and which rows of it are refused."""

from datetime import date, datetime, time
from pathlib import Path

import pytest
from lead_lists import csv_list, leads_of, read_rows, refused_of, xlsx_list
from openpyxl import Workbook

from dripline.core.leads.lead import NewLead
from dripline.importing.leads.leads_file import GoodRow, open_leads
from dripline.importing.tables.csv_table import ROW_LINES_LIMIT

AINA = NewLead(
    "60123456789",
    email="aina@example.com",
    name="Aina",
    attributes={"target_status": "prospect"},
    triggers=("WARMEXAMA", "COLDVITAC"),
)

AS_EXCEL_SAVES_IT = (
    "\ufeffName,Phone ,E-Mail,Target Status,TRIGGERS\r\n"
    'Aina,012-345 6789,Aina@Example.com,prospect,"warmexama , COLDVITAC"\r\n'
    "\r\n"
)


def test_a_list_as_excel_saves_it_becomes_leads(tmp_path: Path) -> None:
    assert read_rows(csv_list(tmp_path, AS_EXCEL_SAVES_IT)) == [GoodRow(2, lead=AINA)]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_separator_is_found_in_the_header(tmp_path: Path, delimiter: str) -> None:
    content = f"name{delimiter}phone{delimiter}note\nAina{delimiter}0123456789{delimiter}a, b, c, d\n"
    (lead,) = leads_of(read_rows(csv_list(tmp_path, content)))

    assert (lead.name, lead.attributes) == ("Aina", {"note": "a, b, c, d"})


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path, line_end: str) -> None:
    lines = ["name,phone", '"two', 'lines",0123456789', "", ",", "Aina,0123456780", ""]
    rows = read_rows(csv_list(tmp_path, line_end.join(lines)))

    assert [row.number for row in rows] == [2, 5]


def test_a_short_row_has_empty_cells_and_an_empty_trigger_is_no_trigger(tmp_path: Path) -> None:
    (lead,) = leads_of(read_rows(csv_list(tmp_path, "phone,name,niche,trigger\n0123456789\n")))

    assert lead == NewLead("60123456789")


def test_the_trigger_of_the_import_is_given_to_every_row_besides_its_own(tmp_path: Path) -> None:
    path = csv_list(tmp_path, "phone,trigger\n0123456789,COLDVITAC\n0123456780,\n")
    with open_leads(path, trigger=" warmexama") as leads:
        given = [lead.triggers for lead in leads_of(list(leads))]

    assert given == [("COLDVITAC", "WARMEXAMA"), ("WARMEXAMA",)]


def test_the_region_says_where_a_phone_is_dialled(tmp_path: Path) -> None:
    with open_leads(csv_list(tmp_path, "phone,trigger\n91234567,A\n"), region="sg") as leads:
        assert [lead.phone for lead in leads_of(list(leads))] == ["6591234567"]


def test_a_workbook_reads_numbers_dates_and_truths_as_people_type_them(tmp_path: Path) -> None:
    header = ["phone", "birthday", "seen", "hour", "vip", "share", "code", "note"]
    cells = [60123456789.0, date(2026, 1, 31), datetime(2026, 1, 31, 9, 30), time(9, 30), True, 0.5, 12, None]  # noqa: DTZ001 - a sheet knows no zone
    path = xlsx_list(tmp_path, [header, cells, [60123456780, *[None] * 7]])
    first, second = leads_of(read_rows(path))

    assert (first.phone, second.phone) == ("60123456789", "60123456780")
    assert first.attributes == {
        "birthday": "2026-01-31",
        "seen": "2026-01-31 09:30:00",
        "hour": "09:30:00",
        "vip": "TRUE",
        "share": "0.5",
        "code": "12",
    }


def test_rows_missing_from_a_workbook_still_count(tmp_path: Path) -> None:
    path = xlsx_list(tmp_path, [["phone"], [], [None], ["0123456789"]])

    assert [row.number for row in read_rows(path)] == [4]


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        ("Aina,6.01E+10,,,A", "Phone", "6.01E+10", "scientific notation"),
        ("Aina,12345,,,A", "Phone", "12345", "cannot be one"),
        ("Aina,,,,A", "Phone", "", "neither a phone nor an e-mail address"),
        ("Aina,,aina.example.com,,A", "email", "aina.example.com", "name@example.com"),
        ("Aina,0123456789,,,WARM EXAMA", "trigger", "WARM EXAMA", "as one word"),
        (f"{'x' * 201},0123456789,,,A", "name", "x" * 201, "longer than 200"),
        (f"Aina,0123456789,,{'x' * 2001},A", "Target Status", "x" * 2001, "longer than 2000"),
        ("Aina,#N/A,,x,A", "Phone", "#N/A", "error of a formula"),
        ("Tan, Aina,0123456789,,,A", "F", "A", "quotation marks"),
        ('"Aina" binti Ali,0123456789,,,A', "name", '"Aina" binti Ali,0123456789,,,A', "stray quotation mark"),
    ],
)
def test_a_bad_row_is_refused_with_its_cell_and_reason(
    tmp_path: Path, row: str, column: str, value: str, reason: str
) -> None:
    header = "name,Phone,email,Target Status,trigger"
    good = "Ali,0123456780,,,A"
    before, refused, after = read_rows(csv_list(tmp_path, f"{header}\n{good}\n{row}\n{good}\n"))

    assert isinstance(before, GoodRow)
    assert isinstance(after, GoodRow)
    (only,) = refused_of([refused])
    assert (only.number, only.column, only.value) == (3, column, value)
    assert reason in only.reason


@pytest.mark.parametrize("rows_after", [3, 5 * ROW_LINES_LIMIT])
def test_an_open_quotation_mark_costs_its_own_row_only(tmp_path: Path, rows_after: int) -> None:
    after = "".join(f"Ali,01234{number:05d}\n" for number in range(rows_after))
    rows = read_rows(csv_list(tmp_path, f'name,phone\n"Aina,0123456789\n{after}'))

    assert [row.number for row in refused_of(rows)] == [2]
    assert len(leads_of(rows)) == rows_after


def test_lines_that_never_end_a_row_do_not_take_forever(tmp_path: Path) -> None:
    rows = read_rows(csv_list(tmp_path, "phone,name\n" + 'x","\n' * 3_000))

    assert len(refused_of(rows)) == 3_000


def test_a_cell_of_too_many_lines_is_refused_and_its_lines_are_read_as_rows(tmp_path: Path) -> None:
    cell = "\n".join(["Aina", *[f"0123456789,{'x' * 20}"] * ROW_LINES_LIMIT])
    rows = read_rows(csv_list(tmp_path, f'phone,name\n0123456780,"{cell}"\n0123456781,Ali\n'))

    assert refused_of(rows)[0].value == '0123456780,"Aina'
    assert leads_of(rows)[-1].name == "Ali"


def test_a_hidden_sheet_is_not_the_list(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.worksheets[0].sheet_state = "hidden"
    workbook.create_sheet().append(["phone"])
    workbook.worksheets[1].append(["0123456789"])
    workbook.save(tmp_path / "leads.xlsx")

    assert [lead.phone for lead in leads_of(read_rows(tmp_path / "leads.xlsx"))] == ["60123456789"]


def test_a_value_under_no_name_further_down_refuses_its_row(tmp_path: Path) -> None:
    rows = read_rows(csv_list(tmp_path, "phone,,niche\n0123456789,,a\n0123456780,lost,b\n"))

    assert [(row.number, row.column, row.value) for row in refused_of(rows)] == [(3, "B", "lost")]


def test_progress_runs_from_nothing_to_all(tmp_path: Path) -> None:
    lines = "".join(f"Aina binti Ahmad,01234{number:05d}\n" for number in range(5_000))
    with open_leads(csv_list(tmp_path, "name,phone\n" + lines), allow_no_trigger=True) as leads:
        seen = [leads.progress for _ in leads]

    assert seen == sorted(seen)
    assert seen[0] < 0.1
    assert seen[-1] == 1


def test_progress_of_a_workbook_counts_its_rows(tmp_path: Path) -> None:
    path = xlsx_list(tmp_path, [["phone"], *[[f"01234{number:05d}"] for number in range(600)]])
    with open_leads(path, allow_no_trigger=True) as leads:
        seen = [leads.progress for _ in leads]

    assert seen == sorted(seen)
    assert seen[-1] == 1
