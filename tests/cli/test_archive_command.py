"""`dripline archive` and `dripline proof`: what they say, write, remove and find."""

import csv
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import Run, commands_in

from dripline import Dripline, Sequence, Step, VirtualClock

SECRET = {"DRIPLINE_WEB_SECRET": "a-secret-of-thirty-two-characters"}
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
WARM = Sequence("Warm", trigger="WARM", steps=[Step("One for {{ name }}"), Step("Two", "12h")])


@pytest.fixture
def shop(tmp_path: Path) -> Run:
    """The command in a folder with a database in which somebody finished a sequence long ago."""
    clock = VirtualClock(LONG_AGO)
    with Dripline(f"sqlite:///{tmp_path}/dripline.db", clock=clock) as drip:
        drip.apply(WARM)
        drip.add_lead(phone="60123456780", name="=Aina", triggers=["WARM"])
        for _ in range(2):
            drip.tick()
            clock.advance(timedelta(days=1))
    return commands_in(tmp_path)


def test_an_archive_is_said_first_and_changes_nothing(shop: Run) -> None:
    told = shop("archive", "--before", "400d")

    assert told.stdout.splitlines()[0].startswith(
        "1 enrollment with 2 records and 2 messages, 0 log entries ended before"
    )
    assert told.stdout.splitlines()[1:] == ["Nothing was removed."]
    assert "2 completed" in shop("doctor").stdout


def test_an_archive_is_written_and_then_removed(shop: Run, tmp_path: Path) -> None:
    before = shop("report").stdout
    done = shop("archive", "--before", "400d", "--out", "old", "--remove", "--json", **SECRET)
    with (tmp_path / "old" / "attempts.csv").open(encoding="utf-8-sig") as stream:
        attempts = list(csv.DictReader(stream))
    removed = json.loads(done.stdout)["removed"]

    assert removed == {"enrollments": 1, "records": 2, "messages": 2, "entries": 0}
    assert [row["text"] for row in attempts] == ["One for =Aina", "Two"]
    assert "'=Aina" in (tmp_path / "old" / "enrollments.csv").read_text("utf-8-sig")
    assert (tmp_path / "old" / "records.csv").stat().st_mode & 0o077 == 0
    assert shop("doctor").returncode == 0
    assert shop("report").stdout == before


def test_a_message_is_proved_once_it_is_removed(shop: Run) -> None:
    shop("archive", "--before", "400d", "--remove", **SECRET)
    found = shop("proof", "+60 12-345 6780", "--on", "2024-01-01", **SECRET)

    assert "step 1 of Warm sent" in found.stdout
    assert "its records were removed" in " ".join(shop("show", "60123456780").stdout.split())
    assert shop("proof", "60123456780", "--on", "2001-01-01", **SECRET).returncode == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((), "The workspace keeps everything for good"),
        (("--before", "10d"), "less than 30d ago stays"),
        (("--before", "2025-99-99"), "is no instant"),
        (("--before", "400d", "--remove"), "DRIPLINE_WEB_SECRET"),
        (("--before", "400d", "--out", "."), ""),
    ],
)
def test_what_cannot_be_archived_is_refused_in_a_sentence(shop: Run, given: tuple[str, ...], told: str) -> None:
    if "--out" in given:
        shop("archive", *given)
        told = "is there already"
    refused = shop("archive", *given)

    assert refused.returncode != 0
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_parquet_holds_the_same(shop: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    written = shop("archive", "--before", "400d", "--out", "old", "--format", "parquet")
    records = parquet.read_table(tmp_path / "old" / "records.parquet").to_pylist()

    assert written.returncode == 0, written.stderr
    assert [(row["step"], row["status"], row["completed_at"].tzinfo is not None) for row in records] == [
        (1, "completed", True),
        (2, "completed", True),
    ]


def test_parquet_without_its_library_is_refused_in_a_sentence(shop: Run, tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError\n")
    refused = shop("archive", "--before", "400d", "--out", "old", "--format", "parquet", PYTHONPATH=str(tmp_path))

    assert "pip install 'dripline[parquet]'" in refused.stderr, sys.version
    assert not (tmp_path / "old").exists()
