"""The limit of processing: what the database alone takes to do the same, by hand.

On dripline's own tables with its own indexes and constraints and the same durability, batch by batch: one transaction
that claims what is active and due and says that it begins, one that settles it: writes the attempts with the text that
was sent, completes the records, activates those that come next and ends the enrollments that have none. Nothing is
asked of rules, leads, senders or addresses, nothing is rendered, nothing is sent. Both leave the same rows behind.

SQLite: prepared statements by `executemany`, batches of 1,000 (measured: one UPDATE … RETURNING for each batch instead
is a quarter slower). PostgreSQL: prepared statements on arrays, FOR UPDATE SKIP LOCKED, each settling pipelined into
one round trip, batches of 500 (measured: joining the claimed ids instead of an array of them lets the planner read the
whole table while it is small, a fifth slower).
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg

from benchmarks.places import kind_of, path_of
from benchmarks.workload import NAME, TEXTS

SQLITE_BATCH = 1_000
POSTGRESQL_BATCH = 500

LEASE = timedelta(minutes=5)
WORKER = "0123456789abcdef0123456789abcdef"

RENDERED = tuple(text.replace("{{ name }}", NAME) for text in TEXTS)

Taken = tuple[int, int, int, int]
"""A claimed record: its id, the number of its attempt, its enrollment, its step."""


class BareSqlite:
    """Processes a SQLite file on one connection."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=256, timeout=10)
        for pragma in ("foreign_keys = ON", "synchronous = FULL", "temp_store = MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")

    def batches(self, now: datetime) -> Iterator[int]:
        """Claim and settle batch by batch what is due at an instant, and yield how many steps each had."""
        at, lease_until = _text(now), _text(now + LEASE)
        while taken := self._claim(at, lease_until):
            self._settle(taken, at)
            yield len(taken)

    def _claim(self, at: str, lease_until: str) -> list[Taken]:
        self._connection.execute("BEGIN IMMEDIATE")
        taken: list[Taken] = self._connection.execute(
            """
            SELECT id, attempt + 1, enrollment_id, current_step FROM sequence_contacts
            WHERE status = 'active' AND sender_id IS NULL AND next_trigger_time <= ?
            ORDER BY next_trigger_time, id LIMIT ?
            """,
            (at, SQLITE_BATCH),
        ).fetchall()
        self._connection.executemany(
            """
            UPDATE sequence_contacts
            SET status = 'sending', attempt = attempt + 1, worker = ?, lease_until = ?, begun_at = ?
            WHERE id = ?
            """,
            [(WORKER, lease_until, at, record) for record, _, _, _ in taken],
        )
        self._connection.execute("COMMIT")
        return taken

    def _settle(self, taken: list[Taken], at: str) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            """
            INSERT INTO attempts (record_id, number, worker, started_at, finished_at, outcome, provider_id, text)
            VALUES (?, ?, ?, ?, ?, 'accepted', ?, ?)
            """,
            [
                (record, number, WORKER, at, at, f"accepted-{record}", RENDERED[step - 1])
                for record, number, _, step in taken
            ],
        )
        self._connection.executemany(
            """
            UPDATE sequence_contacts SET status = 'completed', completed_at = ?, lease_until = NULL, begun_at = NULL
            WHERE id = ? AND status = 'sending' AND worker = ? AND attempt = ?
            """,
            [(at, record, WORKER, number) for record, number, _, _ in taken],
        )
        self._connection.executemany(
            """
            UPDATE sequence_contacts SET status = 'active'
            WHERE enrollment_id = ? AND current_step = ? AND status = 'pending'
            """,
            [(enrollment, step + 1) for _, _, enrollment, step in taken if step < len(TEXTS)],
        )
        self._connection.executemany(
            "UPDATE enrollments SET ended_at = ?, end_code = 'completed' WHERE id = ?",
            [(at, enrollment) for _, _, enrollment, step in taken if step == len(TEXTS)],
        )
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class BarePostgresql:
    """Processes a PostgreSQL database on one connection; as many of them as you like at a time."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def batches(self, now: datetime) -> Iterator[int]:
        """Claim and settle batch by batch what is due at an instant, and yield how many steps each had."""
        while taken := self._claim(now):
            self._settle(taken, now)
            yield len(taken)

    def _claim(self, now: datetime) -> list[Taken]:
        # One statement, hence one transaction of its own.
        return self._connection.execute(
            """
            UPDATE sequence_contacts
            SET status = 'sending', attempt = attempt + 1, worker = %(worker)s, lease_until = %(lease_until)s,
              begun_at = %(now)s
            WHERE id = ANY (ARRAY(
              SELECT id FROM sequence_contacts
              WHERE status = 'active' AND sender_id IS NULL AND next_trigger_time <= %(now)s
              ORDER BY next_trigger_time, id LIMIT %(batch)s
              FOR UPDATE SKIP LOCKED
            ))
            RETURNING id, attempt, enrollment_id, current_step
            """,
            {"worker": WORKER, "lease_until": now + LEASE, "now": now, "batch": POSTGRESQL_BATCH},
            prepare=True,
        ).fetchall()

    def _settle(self, taken: list[Taken], now: datetime) -> None:
        ids, numbers = [record for record, _, _, _ in taken], [number for _, number, _, _ in taken]
        going_on = [(enrollment, step + 1) for _, _, enrollment, step in taken if step < len(TEXTS)]
        over = [enrollment for _, _, enrollment, step in taken if step == len(TEXTS)]
        with self._connection.pipeline(), self._connection.transaction():
            names, texts = [f"accepted-{record}" for record in ids], [RENDERED[step - 1] for _, _, _, step in taken]
            self._connection.execute(_FINISH, (WORKER, now, now, ids, numbers, names, texts), prepare=True)
            self._connection.execute(_COMPLETE, (now, ids, numbers, WORKER), prepare=True)
            enrollments, steps = [enrollment for enrollment, _ in going_on], [step for _, step in going_on]
            self._connection.execute(_ACTIVATE, (enrollments, steps), prepare=True)
            if over:
                self._connection.execute(_END, (now, over), prepare=True)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


_FINISH = """
    INSERT INTO attempts (record_id, number, worker, started_at, finished_at, outcome, provider_id, text)
    SELECT given.id, given.number, %s, %s::timestamptz, %s::timestamptz, 'accepted', given.name, given.text
    FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::text[]) AS given (id, number, name, text)
"""

_COMPLETE = """
    UPDATE sequence_contacts AS r SET status = 'completed', completed_at = %s, lease_until = NULL, begun_at = NULL
    FROM unnest(%s::bigint[], %s::integer[]) AS given (id, number)
    WHERE r.id = given.id AND r.attempt = given.number AND r.status = 'sending' AND r.worker = %s
"""

_ACTIVATE = """
    UPDATE sequence_contacts AS r SET status = 'active'
    FROM unnest(%s::bigint[], %s::integer[]) AS given (enrollment, step)
    WHERE r.enrollment_id = given.enrollment AND r.current_step = given.step AND r.status = 'pending'
"""

_END = "UPDATE enrollments SET ended_at = %s, end_code = 'completed' WHERE id = ANY (%s::bigint[])"


def opened(url: str) -> BareSqlite | BarePostgresql:
    """Open a database to process by hand."""
    return BareSqlite(path_of(url)) if kind_of(url) == "sqlite" else BarePostgresql(url)


def _text(instant: datetime) -> str:
    return instant.isoformat(" ")[:19]
