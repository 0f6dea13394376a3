"""Lateness: how long after its time a message is handed over, with 100 due in each second, spread over 500 senders.

6,000 leads have a sequence that goes by a pool of 500 senders without a pace. Their first steps come due over 60
seconds of real time, 100 in each, at the whole second, since the schedule has no finer times: the last of a hundred
waits for the ninety-nine before it. In each second a hundred other senders have one message each. A worker in a process
of its own runs as ever (`Dripline.run`); its channel accepts at once and keeps when it was asked to. Lateness is that
instant less the record's next_trigger_time. The worker's processor time is read from the kernel over the same minute;
what PostgreSQL spends is not in it. Everything must have been sent once in the end.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from sys import executable

from benchmarks.bench import Bench
from benchmarks.figure import AtMost, Figure, Part
from benchmarks.places import KINDS, bare, kind_of
from benchmarks.watched import pause, watched
from benchmarks.workload import CHANNEL, Accepts, add_leads, warm
from dripline import Dripline, Sender, SystemClock, VirtualClock
from dripline.core.time.schedule import whole_second
from dripline.store.database.database import instant

SENDERS = 500
DUE_PER_SECOND = 100
SECONDS = 60

SETTLING = timedelta(seconds=10)
"""How long the worker has to start before the first second."""

FIRST_STEPS = "current_step = 1 AND sender_id IS NOT NULL"
"""The records whose lateness is measured."""

LATE = AtMost(100)
SHARE = AtMost(40)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message: when it was due, in seconds since 1970, and how many milliseconds later it was handed over."""

    due: float
    late: float


@dataclass(frozen=True, slots=True)
class Taken:
    """What was measured: every message, and the worker's share of a core in percent."""

    sent: list[Sent]
    share: float


def full(bench: Bench) -> Iterator[Figure]:
    """Measure on each database."""
    for kind in KINDS:
        taken = _measure(bench, kind)
        late = [one.late for one in taken.sent]
        cuts = quantiles(late, n=100)
        yield Figure(
            f"lateness.{kind}",
            of=f"lateness, {DUE_PER_SECOND} due per second over {SENDERS} senders, {kind}, p99",
            value=cuts[98],
            unit="ms",
            goal=LATE,
            beside=(Part("p50", cuts[49], "ms"), Part("most", max(late), "ms")),
        )
        yield Figure(
            f"lateness.{kind}.processor",
            of=f"processor of that worker, {kind}",
            value=taken.share,
            unit="% of a core",
            goal=SHARE,
        )


def _measure(bench: Bench, kind: str) -> Taken:
    with bench.places.new(kind) as url:
        bench.tell(f"lateness: {SENDERS} senders, {kind}")
        prepare(url)
        start = whole_second(SystemClock().now()) + SETTLING
        schedule(url, start)
        file = bench.places.folder / "accepted.json"
        with watched(executable, "-m", "benchmarks.lateness_worker", url, str(file)) as worker:
            bench.tell(f"lateness: {kind}, {SECONDS} s")
            pause((start - SystemClock().now()).total_seconds())
            share = worker.share(SECONDS)
            with bare(url) as plain:
                done = "SELECT count(*) FROM sequence_contacts WHERE status = 'completed'"
                worker.wait_until(lambda: plain.count(done) == DUE_PER_SECOND * SECONDS, every=1, at_most=120)
            worker.end()
        return Taken(sent(url, file), share)


def prepare(url: str) -> None:
    """Set up the senders, and enroll everybody as of tomorrow, so that nothing is due yet."""
    clock = VirtualClock(SystemClock().now())
    with Dripline(url, clock=clock, channels={CHANNEL: Accepts()}) as drip:
        for number in range(SENDERS):
            drip.senders.apply(Sender(f"sender-{number:03}", channel=CHANNEL, pool="sales"))
        drip.apply(warm(CHANNEL, senders=("sales",)))
        clock.advance(timedelta(days=1))
        add_leads(drip, DUE_PER_SECOND * SECONDS)


def schedule(url: str, start: datetime) -> None:
    """Let a hundred first steps come due in each second, those of one second by as many senders."""
    at = f"'{start:%Y-%m-%d %H:%M:%S}'"
    time = {
        "sqlite": f"datetime({at}, slot || ' seconds')",
        "postgresql": f"(TIMESTAMPTZ {at} + slot * INTERVAL '1 second')",
    }[kind_of(url)]
    with bare(url) as plain:
        if kind_of(url) == "postgresql":
            plain.execute("SET timezone = 'UTC'")
        plain.run(
            f"""
            UPDATE sequence_contacts SET next_trigger_time = {time}, planned_time = {time}
            FROM (
              SELECT id AS due_id, (row_number() OVER (ORDER BY turn, sender_id) - 1) / {DUE_PER_SECOND} AS slot
              FROM (
                SELECT id, sender_id, row_number() OVER (PARTITION BY sender_id ORDER BY id) AS turn
                FROM sequence_contacts WHERE {FIRST_STEPS}
              ) AS turns
            ) AS slots
            WHERE id = due_id
            """
        )
        plain.tidy()


def sent(url: str, file: Path) -> list[Sent]:
    """Return every message of the first steps of senders, by what the worker has written."""
    accepted = {int(record): float(at) for record, at in json.loads(file.read_text())}
    with bare(url) as plain:
        times = plain.ask(f"SELECT id, next_trigger_time FROM sequence_contacts WHERE {FIRST_STEPS}")
    due = {int(record): instant(time).timestamp() for record, time in times}
    if accepted.keys() != due.keys():
        raise RuntimeError(f"{len(accepted)} of {len(due)} messages were sent: the figure would be wrong")
    return [Sent(due[record], (at - due[record]) * 1_000) for record, at in accepted.items()]
