"""A SQLite database's files are their owner's alone, whatever the umask says; those that are there stay as they are."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline import Dripline
from dripline.cli.support.registry import command_line
from dripline.private_files import seen_by_others


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}


@pytest.mark.parametrize("url", ["sqlite:///{}/shop.db", "{}/shop.db"])
def test_a_new_database_is_its_owners_alone(tmp_path: Path, url: str) -> None:
    with Dripline(url.format(tmp_path)) as drip:
        drip.tick()
        made = modes(tmp_path)

    assert made == dict.fromkeys(("shop.db", "shop.db-wal", "shop.db-shm", "shop.db-passes"), "0o600")


def test_one_behind_a_link_that_leads_nowhere_yet_is_too(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "shop.db")
    Dripline(f"{tmp_path}/link.db").close()

    assert modes(tmp_path)["shop.db"] == "0o600"


def test_one_that_is_there_stays_as_it_is_and_the_doctor_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a shop.db"
    Dripline(str(path)).close()
    path.chmod(0o644)
    with Dripline(str(path)) as drip:
        drip.tick()
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == path.owner() and not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)

    told = CliRunner().invoke(command_line(["doctor"]), ["doctor", "--db", str(path)])
    assert modes(tmp_path)["a shop.db"] == "0o644"
    assert f"chmod 600 '{path}'" in told.output
    assert told.exit_code == 0
    path.chmod(0o600)
    (tmp_path / "a shop.db-passes").chmod(0o600)
    assert seen_by_others(str(path)) == []


def test_behind_a_folder_that_others_cannot_enter_nothing_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    folder.chmod(0o700)
    path = folder / "shop.db"
    Dripline(str(path)).close()
    path.chmod(0o644)

    assert seen_by_others(str(path)) == []
