"""Connections cut and a disk that is full, under load: the workers come back by themselves and lose nothing."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from crash_scene import check, drained, enroll, pause, scene

FULL = os.environ.get("DRIPLINE_CRASH") == "full"
STEPS = 4
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_cut_connections_lose_nothing(new_url: Callable[[str], str], tmp_path: Path) -> None:
    url, leads, cuts = new_url("postgresql"), 1_000 if FULL else 200, 20 if FULL else 4
    with scene(url, tmp_path, workers=3) as made:
        enroll(url, leads, STEPS)
        cut = 0
        for _ in range(cuts):
            pause(0.3)
            with psycopg.connect(url, autocommit=True) as connection:
                cut += len(connection.execute(CUT).fetchall())
        drained(url)
        statuses = check(made, leads, STEPS, database_was_lost=True)

    assert cut >= cuts
    # A connection that is cut at the very commit takes the answer to it along: with one commit at most 31 begin.
    assert statuses["unknown"] <= cut * 31
    assert statuses["completed"] > leads
    print(f"{cut} connections cut: {dict(statuses)}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=False)  # noqa: S607
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small disk: run as root to test a full one")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607


def test_a_full_disk_costs_no_message(small_disk: Path, tmp_path: Path) -> None:
    url, leads = f"sqlite:///{small_disk}/drip.db", 300
    enroll(url, leads, STEPS)
    with scene(url, tmp_path, workers=1) as made:
        fill(small_disk / "filler")
        pause(2.0)
        assert "no room left" in made.errors, "the disk was never full for the worker: the test tests nothing"
        (small_disk / "filler").unlink()
        drained(url)
        statuses = check(made, leads, STEPS)

    assert statuses == {"completed": leads * STEPS}
    print(f"a full disk: {dict(statuses)}")


def fill(path: Path) -> None:
    """Write until there is no room left."""
    with path.open("wb", buffering=0) as filler:
        try:
            while filler.write(b"x" * 4_096):
                pass
        except OSError:
            return
