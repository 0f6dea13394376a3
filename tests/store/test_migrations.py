"""Databases that another version of the program made: nothing is changed unasked, and never by half."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from dripline import Dripline, FakeChannel, VirtualClock
from dripline.app.migrating import migrate_database, plan_migration
from dripline.errors import DatabaseForeign, DatabaseTooNew, DatabaseTooOld
from dripline.store.migrations.files import changes_before_1_0, numbered_changes
from dripline.store.migrations.schema import newest
from support.older import (
    OLDER,
    OLDEST,
    made_by_an_older_version,
    plant,
    schema_of,
    shop_of_the_oldest_version,
)

BEHIND_OLDER = [change.version for change in changes_before_1_0() if change.version > OLDER]
NUMBERED = [change.version for change in numbered_changes()]

LAST_TICK = datetime(2026, 1, 2, 13, tzinfo=UTC)
"""When the program of the oldest version looked last at its shop."""

COUNTED = {
    "leads": 3_000,
    "enrollments": 4_000,
    "active": 1_700,
    "cancelled": 1_000,
    "completed": 4_400,
    "failed": 300,
    "paused": 100,
    "pending": 2_500,
    "unknown": 100,
}

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
    assert [change.version for change in planned.changes] == [*BEHIND_OLDER, *NUMBERED]
    assert all(change.purpose for change in planned.changes)
    assert schema_of(older) == before


@pytest.mark.parametrize("of_old", [OLDEST, "0028", "0033", "0036", "0045", "0046", "0047", "0048", "0049"])
def test_each_version_from_before_is_brought_up_to_this_one(of_old: str, tmp_path: Path) -> None:
    older = made_by_an_older_version(f"sqlite:///{tmp_path}/old.db", to=of_old)
    told: list[str] = []
    made = [change.version for change in migrate_database(older, told.append)]

    assert made == told == [*(one.version for one in changes_before_1_0() if one.version > of_old), *NUMBERED]
    assert _named(older) == _named(_opened(f"sqlite:///{tmp_path}/new.db"))
    assert schema_of(older)[-1] == (newest(), 3)


def test_a_database_of_before_has_the_schema_of_a_new_one(new_database: Callable[[str], str]) -> None:
    """As a PostgreSQL tells of its own: columns, defaults, indexes, triggers, and constraints with what they hold."""
    migrated = made_by_an_older_version(new_database("migrated"), to=OLDEST)
    migrate_database(migrated, print)

    assert schema_of(migrated)[:-1] == schema_of(_opened(new_database("made")))[:-1]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_three_thousand_leads_under_way_go_on(kind: str, tmp_path: Path, new_database: Callable[[str], str]) -> None:
    made = f"sqlite:///{tmp_path}/shop.db" if kind == "sqlite" else new_database("shop")
    migrate_database(shop_of_the_oldest_version(made, copies=100), print)
    clock = VirtualClock(LAST_TICK)
    with Dripline(made, clock=clock, channels={"console": FakeChannel()}) as drip:
        assert drip.reports.counts() == COUNTED
        assert drip.verify() == []

        sent = drip.tick().sent
        clock.advance(timedelta(hours=12))
        sent += drip.tick().sent
        assert sent > 400
        assert drip.reports.counts()["completed"] == COUNTED["completed"] + sent
        assert drip.verify() == []


@pytest.mark.parametrize("of_old", ["0001", "0022"])
def test_a_database_of_long_before_is_refused_in_a_sentence(older: str, of_old: str) -> None:
    plant(older, f"UPDATE alembic_version SET version_num = '{of_old}'")
    before = schema_of(older)
    for opened in (Dripline, plan_migration, partial(migrate_database, on_change=print)):
        with pytest.raises(DatabaseTooOld, match=rf"\(schema {of_old}\), of which only schema {OLDEST} and later"):
            opened(older)

    assert schema_of(older) == before


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
    assert made == ["0 changes", f"{len(BEHIND_OLDER) + len(NUMBERED)} changes"]
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


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0000x'",
        "UPDATE alembic_version SET version_num = '0099'",
        "DELETE FROM alembic_version",
    ],
)
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


def _named(url: str) -> set[object]:
    """Return what there is in a SQLite, by its names: a column that came later stands elsewhere in a table's text."""
    return {row[1] for row in schema_of(url)[:-1]}
