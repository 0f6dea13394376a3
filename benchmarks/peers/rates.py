"""Each peer's two rates, measured one after the other on a PostgreSQL database, or a SQLite file, emptied before each.

The workload is a chain of 4 steps per contact with a no-op send, where finishing a step enqueues the contact's next.
A peer stores one job at a time for a contact; so enrolling N contacts writes N rows and counts N, where dripline writes
the N × 4 records of all their steps. Processing is N × 4 steps, from the start of the worker to the last step.

Each peer is one process (huey, as in its settings, two): its fastest bulk insert, its fetching and completing in
batches where it has them, and settings as durable as dripline's. What was tried stands in each program.
"""

import json
import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import psycopg

from benchmarks.peers.environments import Environment, LeftOut, last_word, node_environment, python_environment

PYTHON_ON_POSTGRESQL = {"procrastinate": "procrastinate_peer.py", "pgqueuer": "pgqueuer_peer.py"}
PYTHON_ON_SQLITE = {"huey": "huey_peer.py"}
NODE_ON_POSTGRESQL = {"graphile-worker": "graphile_worker_peer.mjs", "pg-boss": "pg_boss_peer.mjs"}

RUNNING = timedelta(minutes=10)
"""At the slowest rate that was seen, 150 steps a second, enough for 20,000 contacts."""

EMPTY = ("DROP SCHEMA IF EXISTS peer CASCADE", "CREATE SCHEMA peer")
LEAVE = ("DROP SCHEMA peer CASCADE", "CHECKPOINT")  # the next one does not write what this one left


@dataclass(frozen=True, slots=True)
class Rates:
    """What a peer does in a second."""

    enroll_rows_per_second: float
    process_steps_per_second: float = field(kw_only=True)


class Peers:
    """The peers, in environments of their own in a folder, made when the first that needs one is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _python(self) -> Environment | LeftOut:
        return python_environment(self._folder)

    @cached_property
    def _node(self) -> Environment | LeftOut:
        return node_environment(self._folder)

    def on_postgresql(self, name: str, url: str, contacts: int) -> Rates | LeftOut:
        """Measure one on a PostgreSQL database; only the schema `peer` is touched, which is dropped at the end."""
        with _schema(url):
            if name in NODE_ON_POSTGRESQL:
                return _measure(self._node, NODE_ON_POSTGRESQL[name], url, contacts)
            return _measure(self._python, PYTHON_ON_POSTGRESQL[name], url, contacts)

    def on_sqlite(self, name: str, contacts: int) -> Rates | LeftOut:
        """Measure one on a SQLite file in the folder."""
        with _file(self._folder / f"{name}.db") as file:
            return _measure(self._python, PYTHON_ON_SQLITE[name], file, contacts)


def measure_all(url: str, folder: Path, contacts: int) -> tuple[dict[str, Rates], dict[str, str]]:
    """Measure all peers on a PostgreSQL server and in a folder; return figures by name, and why others have none."""
    peers = Peers(folder)
    found = {name: peers.on_postgresql(name, url, contacts) for name in (*PYTHON_ON_POSTGRESQL, *NODE_ON_POSTGRESQL)}
    found |= {name: peers.on_sqlite(name, contacts) for name in PYTHON_ON_SQLITE}
    figures = {name: rates for name, rates in found.items() if isinstance(rates, Rates)}
    return figures, {name: left.why for name, left in found.items() if isinstance(left, LeftOut)}


def _measure(environment: Environment | LeftOut, program: str, where: str, contacts: int) -> Rates | LeftOut:
    match environment:
        case LeftOut():
            return environment
        case Environment(interpreter, programs):
            return _run([interpreter, str(programs / program), where, str(contacts)])


def _run(command: list[str]) -> Rates | LeftOut:
    """Run a peer's program, with all that it starts, for a limited time, and read the line it prints."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        try:
            printed, complaints = child.communicate(timeout=RUNNING.total_seconds())
        except subprocess.TimeoutExpired:
            return LeftOut(f"not done after {RUNNING}")
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
    if child.returncode or not printed.strip():
        return LeftOut(f"its program failed: {last_word(complaints)}")
    return Rates(**json.loads(printed.splitlines()[-1]))


@contextmanager
def _schema(url: str) -> Generator[None]:
    """Give a peer an empty schema, and leave nothing of it."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in EMPTY:
            connection.execute(statement.encode())
        try:
            yield
        finally:
            for statement in LEAVE:
                connection.execute(statement.encode())


@contextmanager
def _file(path: Path) -> Generator[str]:
    """Give a peer a new file, and leave nothing of it."""
    _remove(path)
    try:
        yield str(path)
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
