"""`dripline import` says how it reads a file before anything comes in, and is told otherwise by options."""

import json
from pathlib import Path

import pytest
from commands import Run, commands_in
from openpyxl import Workbook

NAMES = "José Peña", "Zoë Müller"


@pytest.fixture
def shop(tmp_path: Path) -> Run:
    """The command in a folder with lists as other programs write them."""
    rows = "".join(f"{name};01234567{at:02}\n" for at, name in enumerate(NAMES))
    (tmp_path / "western.csv").write_bytes(f"Pelanggan 2026\n\nname;phone\n{rows}".encode("cp1252"))
    (tmp_path / "few.csv").write_bytes("name,phone\n陳,0123456789\n".encode("big5"))
    (tmp_path / "piped.csv").write_text("name~phone\nname~phone\nAina~0123456789\n", encoding="utf-8")
    (tmp_path / "formulas.csv").write_text("name,phone\n=1+1,12\n", encoding="utf-8")
    workbook = Workbook()
    for name, rows_of in (("Cover", [["Read me"]]), ("Old", [["phone"], ["0123456780"]]), ("New", [["phone"], ["1"]])):
        sheet = workbook.create_sheet(name)
        for row in rows_of:
            sheet.append(row)
    workbook.save(tmp_path / "leads.xlsx")
    return commands_in(tmp_path)


def test_how_a_list_is_read_is_said_before_anything_comes_in(shop: Run) -> None:
    told = shop("import", "western.csv", "--without-trigger", "--dry-run").stdout
    listed = json.loads(shop("import", "western.csv", "--without-trigger", "--json").stdout)

    assert "It is not in UTF-8 and is read as Windows-1252 (Western Europe), such as 'José', 'Peña', 'Zoë'. " in told
    assert "The columns are named in row 3" in told
    assert "Nothing was written." in told
    assert listed["added"] == len(NAMES)
    assert [note.partition(",")[0] for note in listed["read_as"]] == [
        "It is not in UTF-8 and is read as Windows-1252 (Western Europe)",
        "The columns are named in row 3; what stands above",
    ]


def test_what_is_not_sure_is_asked_and_said_by_an_option(shop: Run) -> None:
    asked = shop("import", "few.csv", "--without-trigger")
    told = json.loads(shop("import", "few.csv", "--without-trigger", "--encoding", "big5", "--json").stdout)

    assert (asked.returncode, "Say which by --encoding " in asked.stderr) == (2, True)
    assert told["added"] == 1
    assert "陳" in shop("export").stdout


@pytest.mark.parametrize(
    ("options", "good"),
    [
        (("piped.csv", "--delimiter", "~", "--header-row", "2"), 1),
        (("leads.xlsx",), 1),
        (("leads.xlsx", "--sheet", "Old"), 1),
        (("leads.xlsx", "--sheet", "3"), 1),
    ],
)
def test_each_option_does_what_it_says(shop: Run, options: tuple[str, ...], good: int) -> None:
    told = json.loads(shop("import", *options, "--without-trigger", "--dry-run", "--json").stdout)

    assert (told["good"], told["refused"]) == (good, [])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("western.csv", "--encoding", "klingon"), "'klingon' is no encoding of text"),
        (("western.csv", "--encoding", "utf-8"), "is not in UTF-8 to its end"),
        (("western.csv", "--delimiter", "xx"), "'xx' cannot stand between two cells"),
        (("western.csv", "--header-row", "99"), "has nothing in row 99"),
        (("leads.xlsx", "--sheet", "Mine"), "has no sheet 'Mine', only 'Sheet', 'Cover', 'Old', 'New'"),
    ],
)
def test_an_option_that_cannot_be_is_refused_in_a_sentence(shop: Run, options: tuple[str, ...], sentence: str) -> None:
    refused = shop("import", *options, "--without-trigger", "--dry-run")

    assert (refused.returncode, sentence in refused.stderr, "Traceback" in refused.stderr) == (2, True, False)


def test_the_file_of_refused_rows_is_safe_to_open_and_reads_the_same(shop: Run, tmp_path: Path) -> None:
    shop("import", "formulas.csv", "--without-trigger")
    shop("import", "formulas.refused.csv", "--without-trigger")

    assert "'=1+1,12" in (tmp_path / "formulas.refused.csv").read_text(encoding="utf-8-sig")
    assert "\n'=1+1,12" in (tmp_path / "formulas.refused.refused.csv").read_text(encoding="utf-8-sig")
