"""`dripline imports`, `dripline imports undo` and `dripline export`, each in a process of its own."""

import json
import shutil
from pathlib import Path

import pytest
from commands import Run, commands_in, done_in

YAML = 'name: Warm\ntrigger: WARM\nsteps:\n  - message: "Hi {{ name }}"\n'
LIST = "name,phone,trigger\nAina,0123456789,warm\n=Bala,12,warm\n"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where a list of one good row and one bad one came in."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "warm.yaml").write_text(YAML)
    (folder / "leads.csv").write_text(LIST)
    done_in(folder, ("apply", "warm.yaml"))
    assert "This was import 1: dripline imports undo 1 undoes it." in commands_in(folder)("import", "leads.csv").stdout
    return folder


@pytest.fixture
def shop(begun: Path, tmp_path: Path) -> Run:
    """The command in a folder where a list of one good row and one bad one came in."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return commands_in(tmp_path)


def test_an_import_is_listed_and_taken_back(shop: Run) -> None:
    (listed,) = json.loads(shop("imports", "--json").stdout)
    assert (listed["name"], listed["state"], listed["added"], listed["refused"]) == ("leads.csv", "finished", 1, 1)
    planned = shop("imports", "undo", "1", "--dry-run").stdout
    done = shop("imports", "undo", "1").stdout

    assert done.startswith("1 lead deleted, 0 stay.\n1 enrollment ended.")
    assert planned == done + "Nothing was written.\n"
    assert "undone" in shop("imports").stdout
    assert shop("tick").stdout == "sent 0\n"


def test_what_was_sent_stays_and_is_told(shop: Run) -> None:
    shop("tick")

    assert "0 leads deleted, 1 stay:\n  1: was sent a message already" in shop("imports", "undo", "1").stdout
    assert json.loads(shop("imports", "undo", "1", "--json").stdout)["stays"] == {"was sent a message already": 1}


def test_an_unknown_import_is_told_in_a_sentence(shop: Run) -> None:
    refused = shop("imports", "undo", "7")

    assert (refused.returncode, refused.stderr.startswith("dripline: There is no import 7")) == (2, True)


def test_refused_rows_are_written_safely(shop: Run, tmp_path: Path) -> None:
    printed = shop("imports", "refused", "1").stdout
    shop("imports", "refused", "1", "--out", "again.csv")

    assert printed.splitlines()[1].startswith("'=Bala,12,warm,\"The phone '12' cannot be one")
    assert (tmp_path / "again.csv").read_bytes().startswith("\ufeffname,phone".encode())


def test_leads_are_written_as_a_list_that_can_come_in_again(shop: Run, tmp_path: Path) -> None:
    assert shop("export", "--out", "out.csv").stdout == "1 lead written to out.csv.\n"
    assert "60123456789,,Aina,,WARM" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert "0 leads added, 0 updated" in shop("import", "out.csv").stdout
    assert shop("export", "--trigger", "cold").stdout == "phone,email,name,zone,trigger\n"
    assert shop("export", "--out", "none/out.csv").returncode == 2
