"""Lead lists of a few lines, written and read for the tests of this folder."""

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from dripline.core.leads.lead import NewLead
from dripline.importing.leads.leads_file import GoodRow, LeadRow, RefusedRow, open_leads

EXAMPLES = Path(__file__).parents[2] / "examples"


def csv_list(folder: Path, content: str) -> Path:
    path = folder / "leads.csv"
    path.write_bytes(content.encode())
    return path


def xlsx_list(folder: Path, rows: Sequence[Sequence[object]]) -> Path:
    path = folder / "leads.xlsx"
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append(row)
    workbook.save(path)
    return path


def read_rows(path: Path) -> list[LeadRow]:
    with open_leads(path, allow_no_trigger=True) as leads:
        return list(leads)


def leads_of(rows: Sequence[LeadRow]) -> list[NewLead]:
    return [row.lead for row in rows if isinstance(row, GoodRow)]


def refused_of(rows: Sequence[LeadRow]) -> list[RefusedRow]:
    return [row for row in rows if isinstance(row, RefusedRow)]
