"""Databases that another version of the program made: nothing is changed unasked, and never by half."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from dripline import Dripline
from dripline.app.migrating import migrate_database, plan_migration
from dripline.errors import DatabaseForeign, DatabaseTooNew, DatabaseTooOld
from dripline.store.database.schema import newest
from older import OLDER, made_by_an_older_version, plant, schema_of

# Tells of each change, and goes on only when it is told to.
MIGRATE = """
import sys
from dripline.app.migrating import migrate_database

def told(version):
    print(version, flush=True)
    sys.stdin.readline()

print(len(migrate_database(sys.argv[1], told)), "changes", flush=True)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[str], str]) -> str:
    """A database of each kind as an older version made it."""
    made = f"sqlite:///{tmp_path}/old.db" if request.param == "sqlite" else new_database("older")
    return made_by_an_older_version(made)


@pytest.fixture
def migrating(older: str) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """Starts processes that migrate, and waits at the end until none is left."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", MIGRATE, older]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_library_migrates_unless_it_is_told_not_to(older: str) -> None:
    before = schema_of(older)
    with pytest.raises(DatabaseTooOld, match=rf"older dripline \(schema {OLDER}, this one works with {newest()}\)"):
        Dripline(older, migrate=False)
    assert schema_of(older) == before

    with Dripline(older) as drip:
        assert drip.reports.counts()["leads"] == 3
        assert drip.verify() == []
    assert plan_migration(older).changes == ()


def test_a_plan_names_each_change_and_makes_none(older: str) -> None:
    before = schema_of(older)
    planned = plan_migration(older)

    assert (planned.found, planned.newest) == (OLDER, newest())
    assert [change.version for change in planned.changes] == [
        f"{n:04}" for n in range(int(OLDER) + 1, int(newest()) + 1)
    ]
    assert all(change.purpose for change in planned.changes)
    assert schema_of(older) == before


def test_every_version_there_was_is_brought_up_to_this_one(tmp_path: Path) -> None:
    wanted = schema_of(_opened(f"sqlite:///{tmp_path}/new.db"))
    for number in range(14, int(newest())):
        older = made_by_an_older_version(f"sqlite:///{tmp_path}/{number}.db", to=f"{number:04}")
        told: list[str] = []
        assert len(migrate_database(older, told.append)) == len(told) == int(newest()) - number

        assert {row[1] for row in schema_of(older)[:-1]} == {row[1] for row in wanted[:-1]}, number
        assert schema_of(older)[-1] == (newest(), 3)


def test_a_migration_that_is_killed_leaves_the_database_as_it_was(
    older: str, migrating: Callable[[], "subprocess.Popen[str]"]
) -> None:
    before = schema_of(older)
    process = migrating()
    assert process.stdout is not None
    assert process.stdout.readline().strip() > OLDER
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert schema_of(older) == before

    assert migrate_database(older, lambda _version: None)
    assert schema_of(older)[-1] == (newest(), 3)


def test_of_two_that_migrate_at_once_the_second_finds_it_done(
    older: str, migrating: Callable[[], "subprocess.Popen[str]"]
) -> None:
    first, second = migrating(), migrating()
    # Each goes on as fast as it is told to: one is in the middle when the other one asks.
    with ThreadPoolExecutor() as threads:
        both = [threads.submit(process.communicate, "\n" * 50) for process in (first, second)]
        outputs = [one.result()[0] for one in both]

    assert (first.returncode, second.returncode) == (0, 0)
    made = sorted(output.splitlines()[-1] for output in outputs)
    assert made == ["0 changes", f"{int(newest()) - int(OLDER)} changes"]
    assert schema_of(older)[-1] == (newest(), 3)


def test_who_comes_in_the_middle_of_a_migration_waits_for_its_end(
    older: str, migrating: Callable[[], "subprocess.Popen[str]"]
) -> None:
    first = migrating()
    assert first.stdout is not None
    first.stdout.readline()
    made: list[object] = []
    second = threading.Thread(target=lambda: made.append(migrate_database(older, lambda _version: None)))
    second.start()
    second.join(0.3)
    assert made == []
    first.communicate("\n" * 50)
    second.join(30)

    assert made == [()]
    assert first.returncode == 0


def test_a_newer_database_is_named_with_both_versions(older: str) -> None:
    plant(older, "UPDATE alembic_version SET version_num = '9999'")
    before = schema_of(older)
    opens: list[Callable[[str], object]] = [Dripline, plan_migration, partial(migrate_database, on_change=print)]
    for opened in opens:
        with pytest.raises(DatabaseTooNew, match=rf"newer dripline \(schema 9999, this one knows {newest()}\)"):
            opened(older)

    assert schema_of(older) == before


@pytest.mark.parametrize("change", ["UPDATE alembic_version SET version_num = '0000x'", "DELETE FROM alembic_version"])
def test_a_version_that_no_program_had_is_refused(older: str, change: str) -> None:
    plant(older, change)

    with pytest.raises(DatabaseForeign, match="which no dripline makes"):
        Dripline(older)


def test_a_page_never_migrates_what_was_put_in_the_place_of_its_database(url: str) -> None:
    with Dripline(url) as drip:
        plant(url, f"UPDATE alembic_version SET version_num = '{OLDER}'")
        before = schema_of(url)
        with pytest.raises(DatabaseTooOld):
            drip.connect()

        assert schema_of(url) == before


def test_a_look_leaves_a_file_byte_by_byte_as_it_was(tmp_path: Path) -> None:
    """Also one that is not yet written ahead, as a copy made with VACUUM INTO is."""
    made_by_an_older_version(f"sqlite:///{tmp_path}/old.db")
    plant(f"sqlite:///{tmp_path}/old.db", f"VACUUM INTO '{tmp_path}/copy.db'")
    for name in ("old.db", "copy.db"):
        path = tmp_path / name
        before = path.read_bytes()
        assert plan_migration(str(path)).changes
        with pytest.raises(DatabaseTooOld):
            Dripline(str(path), migrate=False)

        assert path.read_bytes() == before


def _opened(url: str) -> str:
    Dripline(url).close()
    return url
