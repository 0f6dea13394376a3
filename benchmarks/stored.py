"""A database that has been lived in: millions of step records, written by SQL in minutes.

A lead, an enrollment, four records, and an attempt for each record that was sent, for every four records. Everything in
flight that is not due comes due in one to eleven hours; the first step waits twelve hours.
"""

import math
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.places import Bare, bare, kind_of, path_of
from benchmarks.workload import CHANNEL, NAME, TEXTS, TRIGGER, WAIT, Accepts
from dripline import Dripline, Sequence, Step

CHUNK = 250_000
"""How many leads are written in one transaction."""

RUNS = 4
"""In how many places stands what is due together: one for each step of a sequence that people come in to all day."""

BYTES_PER_RECORD, WITHOUT_OLD_ATTEMPTS = 900, 650
"""How much free disk is asked for: more than either database takes for a record, with all that belongs to it."""

LOGS = 3 * 10**9
"""And for what the databases write before they write it in place."""


class NoRoom(Exception):
    """There is too little free disk for a stock."""


class Layout(StrEnum):
    """Where in the table stands what is due.

    `TOGETHER`: in four places, as enrollment leaves it, since who is due together was enrolled together. `SPREAD`:
    evenly over the whole table, so that no two records share a page of a large one, which is the dearest way.
    """

    TOGETHER = "together"
    SPREAD = "spread"


@dataclass(frozen=True, slots=True)
class Stock:
    """What is stored: how many records, how many of them are due and where, and at which step those in flight stand.

    `keeps_attempts`: whether the attempts of finished enrollments are stored, a third of all bytes.
    """

    records: int
    due: int = field(default=0, kw_only=True)
    layout: Layout = field(default=Layout.TOGETHER, kw_only=True)
    finished_percent: int = field(default=50, kw_only=True)
    standing: int = field(default=2, kw_only=True)
    keeps_attempts: bool = field(default=True, kw_only=True)

    @property
    def leads(self) -> int:
        """How many leads there are, each in one enrollment."""
        return self.records // len(TEXTS)

    @property
    def bytes_needed(self) -> int:
        """How much free disk it takes, with the databases' logs."""
        return self.records * (BYTES_PER_RECORD if self.keeps_attempts else WITHOUT_OLD_ATTEMPTS) + LOGS

    @property
    def is_due(self) -> str:
        """The condition on enrollments that are due."""
        if not self.due:
            return "(1 = 0)"
        if self.layout is Layout.SPREAD:
            return f"(e.lead_id % {self.leads // self.due} = 0)"
        return f"(e.lead_id % {self.leads // RUNS} < {self.due // RUNS})"


@contextmanager
def stored(bench: Bench, kind: str, stock: Stock, *, now: datetime, channel: str = CHANNEL) -> Generator[str]:
    """Make a database that holds a stock as of `now`, and yield its URL."""
    with bench.places.new(kind) as url:
        check_disk(bench, stock)
        with Dripline(url, channels={CHANNEL: Accepts()}) as drip:
            steps = [Step(text, WAIT) for text in TEXTS]
            drip.apply(Sequence("Warm EXAMA", trigger=TRIGGER, channel=channel, steps=steps))
        with bare(url) as plain:
            _hurry(plain, url)
            for last in range(0, stock.leads, CHUNK):
                bench.tell(f"storing {stock.records:,} records, {kind}: {last * 100 // stock.leads} %")
                plain.run(*_chunk(kind_of(url), stock, last, now))
        with bare(url) as plain:
            plain.tidy()
        yield url


def check_disk(bench: Bench, stock: Stock) -> None:
    """Do nothing if there is room for a stock.

    Raises:
        NoRoom: There is not; says how much is needed.
    """
    free = shutil.disk_usage(bench.places.folder).free
    if free < stock.bytes_needed:
        raise NoRoom(
            f"{stock.records:,} records need {math.ceil(stock.bytes_needed / 10**9)} GB of free disk and "
            f"{bench.places.folder.parent} has {free // 10**9}: set TMPDIR to a folder that has them."
        )


def size_of(url: str) -> int:
    """Return how many bytes a database takes on disk."""
    if kind_of(url) == "sqlite":
        return Path(path_of(url)).stat().st_size
    with bare(url) as plain:
        return plain.count("SELECT pg_database_size(current_database())")


def _hurry(plain: Bare, url: str) -> None:
    """Let this connection write without waiting for the disk, and without looking up what it has just written."""
    hurrying = {
        "sqlite": ("PRAGMA synchronous = OFF", "PRAGMA foreign_keys = OFF", "PRAGMA cache_size = -200000"),
        "postgresql": (
            "SET synchronous_commit = off",
            "SET session_replication_role = replica",
            "SET timezone = 'UTC'",
        ),
    }
    for statement in hurrying[kind_of(url)]:
        plain.execute(statement)


def _chunk(kind: str, stock: Stock, last: int, now: datetime) -> tuple[str, ...]:
    """Return the statements that write the leads above the last one, and everything that they have."""
    until, at = min(last + CHUNK, stock.leads), f"{now:%Y-%m-%d %H:%M:%S}"
    numbers = {
        "sqlite": f"(WITH RECURSIVE n (i) AS (SELECT {last + 1} UNION ALL SELECT i + 1 FROM n WHERE i < {until})"
        " SELECT i FROM n)",
        "postgresql": f"(SELECT i FROM generate_series({last + 1}, {until}) AS n (i))",
    }[kind]
    finished = f"(e.lead_id % 100 < {stock.finished_percent} AND NOT {stock.is_due})"
    sent = f"({finished} OR st.position < {stock.standing})"
    live = f"enrollment_id IN (SELECT id FROM enrollments WHERE id > {last} AND ended_at IS NULL)"
    tried = "(1 = 1)" if stock.keeps_attempts else live
    wait, step_time = WAIT // timedelta(seconds=1), _after(kind, "e.enrolled_at", "st.offset_seconds")
    stands_in = f"""CASE WHEN {stock.is_due} THEN -1 - e.lead_id % 300 WHEN {finished} THEN -40 * 86400
      ELSE 3600 + e.lead_id * 7919 % 36000 END - {stock.standing * wait}"""
    return (
        f"""
        INSERT INTO leads (phone, name, attributes, created_at, updated_at)
        SELECT '601' || (100000000 + i), '{NAME}', '{{}}', '{at}', '{at}' FROM {numbers} AS numbers ORDER BY i
        """,
        f"""
        INSERT INTO enrollments (sequence_id, version, lead_id, enrolled_at, ended_at, end_code)
        SELECT 1, 1, e.lead_id, {_after(kind, f"'{at}'", stands_in)},
          CASE WHEN {finished} THEN {_instant(kind, at)} END, CASE WHEN {finished} THEN 'completed' END
        FROM (SELECT id AS lead_id FROM leads WHERE id > {last}) AS e ORDER BY e.lead_id
        """,
        f"""
        INSERT INTO sequence_contacts (enrollment_id, sequence_id, lead_id, contact_phone, sequence_stepid,
          current_step, attempt, status, next_trigger_time, planned_time, completed_at)
        SELECT e.id, 1, e.lead_id, '601' || (100000000 + e.lead_id), st.id, st.position,
          CASE WHEN {sent} THEN 1 ELSE 0 END,
          CASE WHEN {sent} THEN 'completed' WHEN st.position = {stock.standing} THEN 'active' ELSE 'pending' END,
          {step_time}, {step_time}, CASE WHEN {sent} THEN {step_time} END
        FROM enrollments AS e CROSS JOIN steps AS st
        WHERE e.id > {last} ORDER BY e.id, st.position
        """,
        f"""
        INSERT INTO attempts (record_id, number, worker, started_at, finished_at, outcome, provider_id, text)
        SELECT id, 1, 'worker', completed_at, completed_at, 'accepted', 'accepted-' || id, '{TEXTS[0]}'
        FROM sequence_contacts WHERE status = 'completed' AND enrollment_id > {last} AND {tried} ORDER BY id
        """,
    )


def _after(kind: str, instant: str, seconds: str) -> str:
    if kind == "sqlite":
        return f"datetime({instant}, ({seconds}) || ' seconds')"
    return f"(CAST({instant} AS timestamptz) + ({seconds}) * INTERVAL '1 second')"


def _instant(kind: str, at: str) -> str:
    return f"'{at}'" if kind == "sqlite" else f"TIMESTAMPTZ '{at}'"
