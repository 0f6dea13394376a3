"""A database that is not there, or would be gone at the end: said in one sentence, and nothing is made."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import commands_in

from dripline import Dripline
from dripline.cli.support.session import open_dripline, open_existing
from dripline.errors import DatabaseMissing, DatabaseProblem, InvalidSettings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRIPLINE_DB", raising=False)
    return tmp_path


@pytest.mark.parametrize("command", ["tick", "run", "worker", "serve", "doctor", "pause"])
def test_a_mistyped_name_makes_no_database(folder: Path, command: str) -> None:
    asked = commands_in(folder)(command, "--db", "shpo.db")

    assert asked.returncode == 2
    assert asked.stderr == (
        "dripline: There is no database at shpo.db: check the name, or make one there with dripline run --create.\n"
    )
    assert not list(folder.glob("shpo*"))


@pytest.fixture
def closed(folder: Path) -> Iterator[Path]:
    """A folder that nobody may enter."""
    made = folder / "closed"
    made.mkdir()
    made.chmod(0)
    yield made
    made.chmod(0o700)


@pytest.mark.parametrize("arguments", [("doctor",), ("show", "60123456789"), ("tick", "--create")])
@pytest.mark.parametrize("name", ["closed/shop.db", "closed/in/shop.db"])
@pytest.mark.usefixtures("closed")
def test_a_folder_that_may_not_be_entered_is_told_in_a_sentence(
    folder: Path, name: str, arguments: tuple[str, ...]
) -> None:
    # Root enters everywhere, but without the right to.
    as_somebody = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if as_somebody and shutil.which("setpriv") is None:
        pytest.skip("root enters every folder, and setpriv is not here: run as another user to test a closed one")
    command = [*as_somebody, sys.executable, "-m", "dripline", *arguments, "--db", name]
    asked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    assert asked.returncode == 2
    assert (
        asked.stderr == f"dripline: {name} cannot be opened: give this user write access to the file and its folder.\n"
    )


def test_a_database_is_made_where_that_is_asked_for(folder: Path) -> None:
    run = commands_in(folder)

    assert run("tick", "--create", "--db", "shop.db").returncode == 0
    assert run("tick", "--db", "shop.db").returncode == 0


def test_an_empty_file_is_no_database(folder: Path) -> None:
    (folder / "empty.db").touch()

    with pytest.raises(DatabaseMissing, match=r"no database at empty\.db"):
        open_existing("empty.db")


def test_an_empty_postgresql_is_no_database(new_database: Callable[[str], str]) -> None:
    url = new_database("missing")

    with pytest.raises(DatabaseMissing, match="There is no database at postgresql://"):
        open_existing(url)
    open_dripline(url).close()
    open_existing(url).close()


@pytest.mark.parametrize("named", ["", "  ", "sqlite:///", "sqlite://", ":memory:"])
def test_a_name_of_nothing_is_refused(named: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSettings, match="name"):
        open_dripline(named)
    monkeypatch.setenv("DRIPLINE_DB", named)
    with pytest.raises(InvalidSettings, match="name"):
        open_dripline(None)
    monkeypatch.delenv("DRIPLINE_DB")
    (folder / "dripline.toml").write_text(f'db = "{named}"\n')
    with pytest.raises(InvalidSettings, match="name"):
        open_dripline(None)


def test_a_program_may_have_a_database_in_memory_and_none_without_a_name() -> None:
    Dripline("sqlite://").close()
    with pytest.raises(InvalidSettings, match="no name"):
        Dripline("")
    with pytest.raises(InvalidSettings, match="no name"):
        Dripline("sqlite:///")


def test_a_folder_and_a_file_of_something_else_are_one_sentence_each(folder: Path) -> None:
    (folder / "shop").mkdir()
    (folder / "letter.txt").write_text("Dear shop, " * 1_000)

    with pytest.raises(DatabaseProblem, match=r"^shop cannot be opened, it is a folder: name a file in it\.$"):
        open_existing("shop")
    with pytest.raises(DatabaseProblem, match=r"^letter.txt is not a SQLite database: name another file.$"):
        open_existing("letter.txt")


def test_a_second_connection_makes_no_database(folder: Path) -> None:
    """The file was moved away while a dashboard ran: a page must not begin an empty one in its place."""
    with Dripline("shop.db") as drip:
        (folder / "shop.db").rename("moved.db")
        with pytest.raises(DatabaseMissing):
            drip.connect()
