"""A database of an older version at the command line: no command changes it until that is asked for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import commands_in
from typer.testing import CliRunner

from dripline import Dripline, NewLead, Sequence, Step
from dripline.cli.support.registry import command_line
from dripline.errors import DatabaseTooOld, InvalidSettings
from dripline.store.migrations.schema import newest
from support.older import OLDER, made_by_an_older_version, plant
from support.real_time import eventually

WARM = "name: Warm\ntrigger: WARM\nsteps:\n  - message: Hi {{ name }}\n"

LOOKS = [
    "show 60123450001",
    "doctor",
    "report",
    "sequences",
    "senders",
    "unknown",
    "suppressions",
    "imports",
    "export",
    "events",
    "sources",
    "preview Warm 60123450001",
    "apply warm.yaml --dry-run",
    "resume --dry-run",
    "restored --dry-run",
]
CHANGES = ["doctor --repair", "pause", "stop 60123450001", "invite", "note 60123450001 Hi", "demo --db old.db"]
OFFER = ["tick", "run", "worker", "serve", "apply warm.yaml", "import leads.csv"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database that an older version made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIPLINE_DB", "old.db")
    made_by_an_older_version(f"sqlite:///{tmp_path}/old.db")
    (tmp_path / "warm.yaml").write_text(WARM)
    (tmp_path / "leads.csv").write_text("phone,trigger\n60123450009,WARM\n")
    return tmp_path


@pytest.mark.parametrize("command", [*LOOKS, *CHANGES, *OFFER])
def test_no_command_touches_a_database_of_an_older_version_unasked(folder: Path, command: str) -> None:
    before = (folder / "old.db").read_bytes()
    done = CliRunner().invoke(command_line(), command.split())
    told = str(done.exception)

    assert isinstance(done.exception, DatabaseTooOld), done.output
    assert told.startswith(f"old.db was made by an older dripline (schema {OLDER}, this one works with {newest()}):")
    assert told.endswith(
        "with dripline migrate, or with --migrate on this command." if command in OFFER else "migrate."
    )
    assert (folder / "old.db").read_bytes() == before


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", ["tick", "apply warm.yaml", "import leads.csv"])
def test_a_command_migrates_where_it_is_told_to(command: str) -> None:
    done = CliRunner().invoke(command_line(), [*command.split(), "--migrate"])

    assert done.exit_code == 0, done.output
    with Dripline("old.db", migrate=False) as drip:
        assert drip.reports.counts()["leads"] >= 3


@pytest.mark.parametrize("command", ["apply warm.yaml", "import leads.csv"])
def test_a_dry_run_migrates_nothing_even_if_told_to(folder: Path, command: str) -> None:
    before = (folder / "old.db").read_bytes()
    done = CliRunner().invoke(command_line(), [*command.split(), "--dry-run", "--migrate"])

    assert isinstance(done.exception, InvalidSettings)
    assert (folder / "old.db").read_bytes() == before


def test_a_plan_where_there_is_no_database_makes_none(folder: Path) -> None:
    done = CliRunner().invoke(command_line(), ["apply", "warm.yaml", "--dry-run", "--db", "new.db"])

    assert done.exit_code == 0, done.output
    assert "create 'Warm'" in done.output
    assert not list(folder.glob("new*"))


def test_the_command_shows_the_changes_makes_them_and_then_has_nothing_to_do(folder: Path) -> None:
    run = commands_in(folder)
    before = (folder / "old.db").read_bytes()
    planned = run("migrate", "--dry-run", "--db", "old.db")

    assert planned.stdout.startswith(f"old.db has schema {OLDER}, this dripline works with:\n  0031 Days of the")
    assert planned.stdout.endswith("Nothing was changed (--dry-run).\n")
    assert (folder / "old.db").read_bytes() == before

    assert run("migrate", "--db", "old.db").stdout.endswith("\nMigrated.\n")
    again = run("migrate", "--db", "old.db")
    assert again.stdout == f"old.db has schema {newest()}, which this dripline works with: there is nothing to do.\n"
    assert (planned.returncode, again.returncode, again.stderr) == (0, 0, "")


def test_processors_that_are_at_work_are_named(folder: Path) -> None:
    plant(
        f"sqlite:///{folder}/old.db",
        "INSERT INTO workers VALUES ('w', 'shop-1', 4242, '0.0.9', datetime('now'), datetime('now'), NULL),"
        " ('gone', 'shop-2', 4243, '0.0.9', '2026-01-01 00:00:00', '2026-01-01 00:00:00', NULL)",
    )
    told = CliRunner().invoke(command_line(), ["migrate", "--dry-run"]).output
    planned = json.loads(CliRunner().invoke(command_line(), ["migrate", "--dry-run", "--json"]).output)

    assert "  process 4242 on shop-1 (dripline 0.0.9) is at work on it, and stops when its batch is settled\n" in told
    assert "shop-2" not in told
    assert [one["process_id"] for one in planned["processors"]] == [4242]


def test_programs_are_told_the_same(folder: Path) -> None:
    def told(*options: str) -> dict[str, object]:
        done = CliRunner().invoke(command_line(), ["migrate", "--json", *options])
        return json.loads(done.output)

    planned, made, again = told("--dry-run"), told(), told()

    assert planned == made | {"migrated": False}
    assert (planned["database"], planned["found"], planned["newest"]) == ("old.db", OLDER, newest())
    assert made["migrated"] is True
    assert (again["changes"], again["migrated"]) == ([], False)
    assert (folder / "old.db").exists()


def test_a_missing_database_is_made_by_no_migration(folder: Path) -> None:
    done = commands_in(folder)("migrate", "--db", "odl.db")

    assert done.returncode == 2
    assert "There is no database at odl.db" in done.stderr
    assert not list(folder.glob("odl*"))


def test_a_database_of_a_newer_version_is_named_with_both(folder: Path) -> None:
    plant(f"sqlite:///{folder}/old.db", "UPDATE alembic_version SET version_num = '9999'")
    done = commands_in(folder)("migrate", "--db", "old.db")

    assert done.returncode == 2
    assert done.stderr == (
        f"dripline: old.db was made by a newer dripline (schema 9999, this one knows {newest()}): upgrade with pip "
        "install --upgrade dripline.\n"
    )


@pytest.mark.parametrize("command", [["worker", "--poll", "0.2"], ["run", "--poll", "0.2", "--port", "0"]])
def test_a_processor_ends_with_a_code_of_its_own_when_a_newer_version_has_migrated(
    folder: Path, command: list[str]
) -> None:
    shop = folder / "shop.db"
    with Dripline(str(shop)) as drip:
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("Hi"), Step("Later", "1d")]))
        drip.add_leads([NewLead("60123450001", triggers=("W",))])
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "dripline", *command, "--db", str(shop)], stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        eventually(lambda: "pass.done" in (folder / "log").read_text())
        plant(f"sqlite:///{shop}", "UPDATE alembic_version SET version_num = '9999'")
        process.communicate(timeout=60)

    assert process.returncode == 3
    assert (folder / "log").read_text().splitlines()[-1] == (
        f"dripline: {shop} was migrated by a newer dripline while this one was at work (schema 9999, this one works "
        f"with {newest()}): it has stopped, start the newer dripline."
    )


def test_a_server_ends_likewise(folder: Path) -> None:
    with Dripline("shop.db"):
        pass
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "dripline", "serve", "--port", "0", "--db", "shop.db"], stderr=log
        ) as process,
    ):
        eventually(lambda: "serving url=" in (folder / "log").read_text())
        plant(f"sqlite:///{folder}/shop.db", "UPDATE alembic_version SET version_num = '9999'")
        assert process.wait(60) == 3
