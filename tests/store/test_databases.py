"""Databases that cannot be used as they are: each is named in one sentence, and left as it was."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dripline import Dripline, Sequence, Step
from dripline.errors import (
    DatabaseForeign,
    DatabaseLocked,
    DatabaseTooNew,
    DatabaseUnreachable,
    InvalidSettings,
)
from dripline.store.database import sqlite
from dripline.store.database.connect import connect
from dripline.store.database.dialect import Dialect
from dripline.store.migrations.migrate import version

# Run as a user whom file permissions bind, which the one who runs the tests may not be.
LOOK_AND_WRITE = """
import os, sys
from dripline import Dripline, DriplineError
with Dripline("sqlite://") as drip:
    drip.tick()  # everything is imported while it may be read
    drip.records()
if os.getuid() == 0:
    os.setuid(65534)
drip = Dripline(sys.argv[1])
print(len(drip.records(phone="60123456789")), "records")
try:
    drip.tick()
except DriplineError as error:
    print(type(error).__name__, error)
drip.close()
"""

ONE = Sequence("One", trigger="ONE", steps=[Step("Hi")])


def test_a_database_made_by_a_newer_program_is_refused(url: str, plant: Callable[[str], None]) -> None:
    plant("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseTooNew, match=r"made by a newer dripline .* upgrade with pip install"):
        Dripline(url)


def test_a_database_of_something_else_is_refused_and_left_as_it_was(sqlite_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_path)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name)")
    with pytest.raises(DatabaseForeign, match="holds tables that are not dripline's"):
        Dripline(str(sqlite_path))

    with closing(sqlite3.connect(sqlite_path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(sqlite_path: Path) -> None:
    sqlite_path.write_text("name,phone\n" * 100)

    with pytest.raises(DatabaseForeign, match="is not a SQLite database"):
        Dripline(str(sqlite_path))
    assert sqlite_path.read_text() == "name,phone\n" * 100


@pytest.mark.parametrize("path", ["missing/folder/drip.db", "."])
def test_a_path_that_cannot_be_opened_is_named(path: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match="cannot be opened"):
        Dripline(str(tmp_path / path))


def test_a_locked_database_is_named_and_nothing_is_half_done(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_TIMEOUT", 0.05)
    with Dripline(str(sqlite_path)) as drip, closing(sqlite3.connect(sqlite_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked, match=r"drip\.db is held by another program"):
            drip.apply(ONE)
        other.rollback()

        assert drip.apply(ONE).version == 1


def test_a_read_only_database_can_be_looked_at_but_not_written() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drip.db"
        with Dripline(str(path)) as drip:
            drip.apply(ONE)
            drip.add_lead(phone="60123456789", triggers=["ONE"])
        Path(folder).chmod(0o777)
        path.chmod(0o444)
        result = subprocess.run(
            [sys.executable, "-c", LOOK_AND_WRITE, str(path)], capture_output=True, text=True, check=False
        )

    assert result.stderr == ""
    assert result.stdout.startswith("1 records\nDatabaseReadOnly ")
    assert "cannot be written: give this user write access to the file and its folder" in result.stdout


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(DatabaseUnreachable, match="cannot be reached") as caught:
        Dripline("postgresql://shop:s3cret@127.0.0.1:1/shop")

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://localhost/shop", "http://localhost"])
def test_an_unknown_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidSettings, match="use a path, sqlite:///FILE or postgresql://"):
        Dripline(url)


def test_the_next_open_finds_everything_as_it_was(url: str) -> None:
    with Dripline(url) as drip:
        drip.apply(ONE)
        drip.add_lead(phone="60123456789", triggers=["ONE"])
        before = drip.records()
    with Dripline(url) as drip:
        assert drip.records() == before


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    new_database: Callable[[str], str], sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(_self: Dialect, _start: int) -> str:
        raise SystemExit

    urls = [str(sqlite_path), new_database("failing")]
    with monkeypatch.context() as patched:
        patched.setattr(Dialect, "first_record_id", power_cut)
        for url in urls:
            with pytest.raises(SystemExit):
                Dripline(url)

    for url in urls:
        with closing(connect(url)) as database:
            assert version(database) is None
        Dripline(url).close()


def test_many_processes_may_make_one_database_at_once(sqlite_path: Path) -> None:
    script = "import sys; from dripline import Dripline; Dripline(sys.argv[1]).close()"
    command = [sys.executable, "-c", script, str(sqlite_path)]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]

    assert [(process.communicate()[1], process.returncode) for process in started] == [("", 0)] * 4
    with Dripline(str(sqlite_path)) as drip:
        assert drip.verify() == []


def test_two_new_databases_do_not_share_record_ids(tmp_path: Path) -> None:
    """A record id is an idempotency key for receivers, who may serve two databases, or one that was begun anew."""
    ids: list[int] = []
    for name in ("one.db", "two.db"):
        with Dripline(str(tmp_path / name)) as drip:
            drip.apply(ONE)
            drip.add_lead(phone="60123456789", triggers=["ONE"])
            ids += [record.id for record in drip.records()]

    assert abs(ids[0] - ids[1]) > 1_000_000
    assert all(record_id < 2**53 for record_id in ids)
