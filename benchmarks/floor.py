"""The floor: the mission's table by itself, processed as fast as plain SQL can. This file is never changed.

It is the yardstick of processing that cannot drift. One table of records with its key and its due index, one of
attempts with its key; nothing else: no lists, no tallies, no senders, no rules, no references. The chain of work is
that of the mission: what is active and due is claimed, its attempt is noted, it is completed, the next one is made
active. A batch is two durable transactions: the claim, behind which a message may go, and the settlement. The claim
notes the attempt on the record (its number, its worker, its lease), the settlement writes it with its answer and text.

`create` enrolls so many leads × 4 steps, twelve hours apart; `opened` returns what processes them, on one connection;
`left_undone` counts what is not as it must be at the end. It needs nothing of dripline and nothing of this package, and
its texts, sizes and settings are its own. SQLite: WAL, synchronous FULL, prepared statements by `executemany`.
PostgreSQL: the server's defaults, a prepared statement for each transaction, FOR UPDATE SKIP LOCKED.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg

AT = datetime(2026, 1, 1, tzinfo=UTC)
WAIT = timedelta(hours=12)
STEPS = 4

WORKER = "0123456789abcdef0123456789abcdef"
LEASE = timedelta(minutes=5)

TEXTS = (
    "Hi Aina, thank you for asking about EXAMA!",
    "Aina, this is how EXAMA works.",
    "What other mothers say about EXAMA, Aina.",
    "Aina, your EXAMA offer ends tonight.",
)

Claimed = tuple[int, int, int]
"""A claimed record: its lead, its step, the number of its attempt."""

SQLITE_SCHEMA = """
CREATE TABLE sequence_contacts (
  lead_id integer NOT NULL,
  current_step integer NOT NULL,
  contact_phone text NOT NULL,
  sequence_stepid integer NOT NULL,
  status text NOT NULL,
  next_trigger_time text NOT NULL,
  completed_at text,
  attempt integer NOT NULL DEFAULT 0,
  worker text,
  lease_until text,
  PRIMARY KEY (lead_id, current_step)
) WITHOUT ROWID;
CREATE INDEX due ON sequence_contacts (next_trigger_time) WHERE status = 'active';
CREATE TABLE attempts (
  lead_id integer NOT NULL,
  current_step integer NOT NULL,
  number integer NOT NULL,
  worker text NOT NULL,
  started_at text NOT NULL,
  finished_at text NOT NULL,
  outcome text NOT NULL,
  provider_id text,
  text text,
  PRIMARY KEY (lead_id, current_step, number)
) WITHOUT ROWID;
"""

POSTGRESQL_SCHEMA = """
CREATE TABLE sequence_contacts (
  lead_id bigint NOT NULL,
  current_step integer NOT NULL,
  contact_phone text NOT NULL,
  sequence_stepid bigint NOT NULL,
  status text NOT NULL,
  next_trigger_time timestamptz NOT NULL,
  completed_at timestamptz,
  attempt integer NOT NULL DEFAULT 0,
  worker text,
  lease_until timestamptz,
  PRIMARY KEY (lead_id, current_step)
);
CREATE INDEX due ON sequence_contacts (next_trigger_time, lead_id) WHERE status = 'active';
CREATE TABLE attempts (
  lead_id bigint NOT NULL,
  current_step integer NOT NULL,
  number integer NOT NULL,
  worker text NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  outcome text NOT NULL,
  provider_id text,
  text text,
  PRIMARY KEY (lead_id, current_step, number)
);
"""

SQLITE_ENROLL = """
WITH RECURSIVE
  leads (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM leads WHERE id < ?),
  steps (position) AS (SELECT 1 UNION ALL SELECT position + 1 FROM steps WHERE position < 4)
INSERT INTO sequence_contacts (lead_id, current_step, contact_phone, sequence_stepid, status, next_trigger_time)
SELECT id, position, '601' || (200000000 + id), position, CASE WHEN position = 1 THEN 'active' ELSE 'pending' END,
  datetime('2026-01-01 00:00:00', ((position - 1) * 12) || ' hours')
FROM leads CROSS JOIN steps ORDER BY id, position
"""

POSTGRESQL_ENROLL = """
INSERT INTO sequence_contacts (lead_id, current_step, contact_phone, sequence_stepid, status, next_trigger_time)
SELECT id, position, '601' || (200000000 + id), position, CASE WHEN position = 1 THEN 'active' ELSE 'pending' END,
  TIMESTAMPTZ '2026-01-01 00:00:00+00' + (position - 1) * INTERVAL '12 hours'
FROM generate_series(1, %s) AS leads (id) CROSS JOIN generate_series(1, 4) AS steps (position) ORDER BY id, position
"""

SQLITE_DUE = """
SELECT lead_id, current_step, attempt + 1 FROM sequence_contacts
WHERE status = 'active' AND next_trigger_time <= ?
ORDER BY next_trigger_time, lead_id LIMIT 1000
"""

SQLITE_CLAIM = """
UPDATE sequence_contacts SET status = 'sending', attempt = ?, worker = ?, lease_until = ?
WHERE lead_id = ? AND current_step = ?
"""

SQLITE_NOTE = """
INSERT INTO attempts (lead_id, current_step, number, worker, started_at, finished_at, outcome, provider_id, text)
VALUES (?, ?, ?, ?, ?, ?, 'accepted', ?, ?)
"""

SQLITE_COMPLETE = """
UPDATE sequence_contacts SET status = 'completed', completed_at = ?, lease_until = NULL
WHERE lead_id = ? AND current_step = ? AND status = 'sending' AND worker = ? AND attempt = ?
"""

SQLITE_ACTIVATE = """
UPDATE sequence_contacts SET status = 'active' WHERE lead_id = ? AND current_step = ? AND status = 'pending'
"""

POSTGRESQL_PLANS = "SET plan_cache_mode = force_generic_plan"

POSTGRESQL_CLAIM = """
UPDATE sequence_contacts SET status = 'sending', attempt = attempt + 1, worker = %s, lease_until = %s
WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM sequence_contacts WHERE status = 'active' AND next_trigger_time <= %s
  ORDER BY next_trigger_time, lead_id LIMIT 500 FOR UPDATE SKIP LOCKED
))
RETURNING lead_id, current_step, attempt
"""

POSTGRESQL_SETTLE = """
WITH given AS (
  SELECT * FROM unnest(%s::bigint[], %s::integer[], %s::integer[], %s::text[], %s::text[])
    AS given (lead_id, step, number, provider_id, text)
), noted AS (
  INSERT INTO attempts (lead_id, current_step, number, worker, started_at, finished_at, outcome, provider_id, text)
  SELECT lead_id, step, number, %s, %s, %s, 'accepted', provider_id, text FROM given
), completed AS (
  UPDATE sequence_contacts AS r SET status = 'completed', completed_at = %s, lease_until = NULL
  FROM given WHERE r.lead_id = given.lead_id AND r.current_step = given.step
    AND r.status = 'sending' AND r.worker = %s AND r.attempt = given.number
)
UPDATE sequence_contacts AS r SET status = 'active'
FROM given WHERE r.lead_id = given.lead_id AND r.current_step = given.step + 1 AND r.status = 'pending'
"""

UNDONE = """
SELECT (SELECT count(*) FROM sequence_contacts WHERE status <> 'completed' OR completed_at <> next_trigger_time)
  + (SELECT count(*) FROM sequence_contacts AS r WHERE NOT EXISTS (
      SELECT 1 FROM attempts AS a
      WHERE a.lead_id = r.lead_id AND a.current_step = r.current_step AND a.number = r.attempt
        AND a.outcome = 'accepted' AND a.provider_id IS NOT NULL AND a.text LIKE '%Aina%'))
"""


class FloorSqlite:
    """Processes a SQLite file on one connection."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._connection.execute("PRAGMA synchronous = FULL")

    def batches(self, now: datetime) -> Iterator[int]:
        """Claim and settle batch by batch what is due at an instant, and yield how many steps each had."""
        at, lease_until = _text(now), _text(now + LEASE)
        while claimed := self._claim(at, lease_until):
            self._settle(claimed, at)
            yield len(claimed)

    def _claim(self, at: str, lease_until: str) -> list[Claimed]:
        self._connection.execute("BEGIN IMMEDIATE")
        claimed: list[Claimed] = self._connection.execute(SQLITE_DUE, (at,)).fetchall()
        self._connection.executemany(
            SQLITE_CLAIM, [(number, WORKER, lease_until, lead, step) for lead, step, number in claimed]
        )
        self._connection.execute("COMMIT")
        return claimed

    def _settle(self, claimed: list[Claimed], at: str) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            SQLITE_NOTE,
            [
                (lead, step, number, WORKER, at, at, f"accepted-{lead}-{step}", TEXTS[step - 1])
                for lead, step, number in claimed
            ],
        )
        self._connection.executemany(
            SQLITE_COMPLETE, [(at, lead, step, WORKER, number) for lead, step, number in claimed]
        )
        self._connection.executemany(SQLITE_ACTIVATE, [(lead, step + 1) for lead, step, _ in claimed if step < STEPS])
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()


class FloorPostgresql:
    """Processes a PostgreSQL database on one connection; as many of them as you like at a time."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(POSTGRESQL_PLANS)

    def batches(self, now: datetime) -> Iterator[int]:
        """Claim and settle batch by batch what is due at an instant, and yield how many steps each had."""
        while claimed := self._claim(now):
            self._settle(claimed, now)
            yield len(claimed)

    def _claim(self, now: datetime) -> list[Claimed]:
        given = (WORKER, now + LEASE, now)
        return self._connection.execute(POSTGRESQL_CLAIM, given, prepare=True).fetchall()

    def _settle(self, claimed: list[Claimed], now: datetime) -> None:
        leads, steps = [lead for lead, _, _ in claimed], [step for _, step, _ in claimed]
        numbers, texts = [number for _, _, number in claimed], [TEXTS[step - 1] for step in steps]
        names = [f"accepted-{lead}-{step}" for lead, step, _ in claimed]
        given = (leads, steps, numbers, names, texts, WORKER, now, now, now, WORKER)
        self._connection.execute(POSTGRESQL_SETTLE, given, prepare=True)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def create(url: str, leads: int) -> None:
    """Make the tables in an empty database and enroll so many leads."""
    if _is_sqlite(url):
        with closing(sqlite3.connect(_path(url), isolation_level=None)) as sqlite:
            sqlite.execute("PRAGMA journal_mode = WAL")
            sqlite.executescript(SQLITE_SCHEMA)
            sqlite.execute(SQLITE_ENROLL, (leads,))
            sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        with psycopg.connect(url, autocommit=True) as postgresql:
            postgresql.execute(POSTGRESQL_SCHEMA)
            postgresql.execute(POSTGRESQL_ENROLL, (leads,))
            postgresql.execute("VACUUM ANALYZE")
            postgresql.execute("CHECKPOINT")


def opened(url: str) -> FloorSqlite | FloorPostgresql:
    """Open a database to process."""
    return FloorSqlite(_path(url)) if _is_sqlite(url) else FloorPostgresql(url)


def left_undone(url: str) -> int:
    """Return how many records are not completed at their time, and how many have no accepted attempt with its text."""
    if _is_sqlite(url):
        with closing(sqlite3.connect(_path(url))) as sqlite:
            return int(sqlite.execute(UNDONE).fetchone()[0])
    with psycopg.connect(url) as postgresql:
        return int(postgresql.execute(UNDONE.encode()).fetchall()[0][0])


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:")


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _text(instant: datetime) -> str:
    return instant.isoformat(" ")[:19]
