"""Large lists are read in little memory; docs/performance.md says what 100,000 rows of 90 columns take."""

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from lead_lists import xlsx_list

COLUMNS = 90
MEGABYTES = 110
"""What the process that reads may take in all; Python with the importer takes 25 to 30 MB before its first row."""

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TABLE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)

# The mark of its own memory: that of the resource module begins with what its parent had.
PROGRAM = """
import re, sys
from pathlib import Path
from dripline.importing.leads.leads_file import open_leads
with open_leads(Path(sys.argv[1]), allow_no_trigger=True) as leads:
    rows = sum(1 for _ in leads)
print(rows, int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def rows(many: int) -> Iterator[list[str]]:
    yield ["phone", *(f"Property {at}" for at in range(1, COLUMNS))]
    for number in range(many):
        yield [f"+6012{number:07d}", *(f"value {number} {at}" for at in range(1, COLUMNS))]


def as_text(folder: Path, many: int) -> Path:
    path = folder / "leads.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows(many))
    return path


def as_workbook(folder: Path, many: int) -> Path:
    """Write a workbook as Excel does: each text stands in the table of repeated ones."""
    path = folder / "large.xlsx"
    with ZipFile(xlsx_list(folder, [["x"]])) as plain, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as large:
        for name in plain.namelist():
            if not name.endswith("sheet1.xml"):
                large.writestr(name, plain.read(name).replace(b"</Types>", TABLE))
        with large.open("xl/sharedStrings.xml", "w") as table:
            table.write(f'<sst xmlns="{NAMESPACE}">'.encode())
            for row in rows(many):
                table.write("".join(f"<si><t>{text}</t></si>" for text in row).encode())
            table.write(b"</sst>")
        with large.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{NAMESPACE}"><sheetData>'.encode())
            for number in range(many + 1):
                first = number * COLUMNS
                cells = (f'<c t="s"><v>{first + at}</v></c>' for at in range(COLUMNS))
                sheet.write(f'<row r="{number + 1}">{"".join(cells)}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux keeps a mark of a process's memory")
@pytest.mark.parametrize(("write", "many"), [(as_text, 20_000), (as_workbook, 10_000)])
def test_a_large_list_takes_little_memory(tmp_path: Path, write: Callable[[Path, int], Path], many: int) -> None:
    path = write(tmp_path, many)
    ran = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True)
    read, megabytes = map(int, ran.stdout.split())

    assert read == many
    assert megabytes < MEGABYTES
