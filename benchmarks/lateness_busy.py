"""Lateness on a busy day: 100 due in each second over 500 senders, with lists open and an import beside.

The senders, the leads, the worker and what is timed are those of `lateness`. Beside them `dripline serve` runs on the
same database with four lists open: in tabs of Chromium, which follow what happens as they do for anybody, or where
there is no Chromium as requests for each list, one after the other, twice a second. With the first due second
`dripline import` begins to read 100,000 leads into another sequence, whose first step waits twelve hours. Everything
shares the same cores. The figure is of all messages of the minute; that of those due while the import ran stands beside
it.
"""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from sys import executable

import httpx
from playwright.sync_api import sync_playwright

from benchmarks import importing, lateness
from benchmarks.bench import Bench
from benchmarks.figure import AtMost, Figure, Part
from benchmarks.lateness import DUE_PER_SECOND, SENDERS, Sent
from benchmarks.pages import CHROMIUM, FLAGS, Served, logged_in, serving
from benchmarks.places import KINDS, bare
from benchmarks.watched import DRIPLINE, pause, watched
from benchmarks.workload import TEXTS, WAIT
from dripline import Dripline, Sequence, Step, SystemClock
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import stopwatch

LISTS = ("/records", "/leads", "/records?status=completed", "/activity")

OTHER_TRIGGER = "COLDEXAMA"

SETTLING = timedelta(seconds=15)
"""How long the worker, the server and the lists have before the first second."""

GOAL = AtMost(100)


@dataclass(frozen=True, slots=True)
class Size:
    """How many leads are imported."""

    leads: int


FULL = Size(importing.LEADS)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was measured: every message, how long the import took, and by what the lists were open."""

    sent: list[Sent]
    start: float
    importing: float
    lists: str

    def p99(self, *, importing: bool = False) -> float:
        """Return the p99 of all messages, or of those that were due while the import ran."""
        end = self.start + self.importing
        return quantiles((one.late for one in self.sent if not importing or one.due <= end), n=100)[98]


def full(bench: Bench) -> Iterator[Figure]:
    """Measure on each database."""
    return figures(bench, FULL)


def figures(bench: Bench, size: Size) -> Iterator[Figure]:
    """Measure beside an import of a size."""
    for kind in KINDS:
        taken = _measure(bench, kind, size)
        yield Figure(
            f"lateness_busy.{kind}",
            of=f"lateness, {DUE_PER_SECOND} due per second over {SENDERS} senders, lists open and {size.leads:,} "
            f"leads imported beside, {kind}, p99",
            value=taken.p99(),
            unit="ms",
            goal=GOAL,
            beside=(
                Part("p99 while importing", taken.p99(importing=True), "ms"),
                Part("most", max(one.late for one in taken.sent), "ms"),
                Part("import", taken.importing, "s"),
            ),
            note=f"lists open {taken.lists}",
        )


def _measure(bench: Bench, kind: str, size: Size) -> Taken:
    messages = DUE_PER_SECOND * lateness.SECONDS
    listed, accepted = bench.places.folder / "busy.csv", bench.places.folder / "busy.json"
    importing.write(listed, size.leads, OTHER_TRIGGER)
    with bench.places.new(kind) as url:
        bench.tell(f"lateness, busy: {SENDERS} senders, {kind}")
        lateness.prepare(url)
        _stand(url)
        with serving(url) as served, _lists_open(served) as lists:
            start = whole_second(SystemClock().now()) + SETTLING
            lateness.schedule(url, start)
            with watched(executable, "-m", "benchmarks.lateness_worker", url, str(accepted)) as worker, bare(url) as db:
                pause((start - SystemClock().now()).total_seconds())
                bench.tell(f"lateness, busy: {kind}, {lateness.SECONDS} s")
                took = _import(url, listed, size.leads)
                done = "SELECT count(*) FROM sequence_contacts WHERE status = 'completed'"
                worker.wait_until(lambda: db.count(done) == messages, every=1)
                worker.end()
        return Taken(lateness.sent(url, accepted), start.timestamp(), took, lists)


def _stand(url: str) -> None:
    """Let the sequence stand into which is imported."""
    with Dripline(url) as drip:
        drip.apply(Sequence("Cold EXAMA", trigger=OTHER_TRIGGER, steps=[Step(text, WAIT) for text in TEXTS]))


def _import(url: str, file: Path, leads: int) -> float:
    """Import the list by the command, and return how many seconds that took."""
    elapsed = stopwatch()
    with watched(*DRIPLINE, "import", str(file), "--db", url, "--strict") as command:
        while command.is_running():
            pause(0.05)
    seconds = elapsed()
    with bare(url) as plain:
        records = plain.count("SELECT count(*) FROM sequence_contacts WHERE sender_id IS NULL")
    if records != leads * len(TEXTS):
        raise RuntimeError(f"{records} records were imported for {leads} leads: the figure would be wrong")
    return seconds


@contextmanager
def _lists_open(served: Served) -> Generator[str]:
    """Keep the lists open, and say by what."""
    if CHROMIUM is None:
        with _asked_for(served):
            yield "by HTTP requests"
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        tabs = logged_in(browser, served)
        for path in LISTS:
            tabs.new_page().goto(f"{served.url}{path}")
        yield f"in {len(LISTS)} tabs of Chromium"
        browser.close()


@contextmanager
def _asked_for(served: Served) -> Generator[None]:
    """Ask for every list, one after the other, twice a second."""
    over = threading.Event()

    def ask() -> None:
        cookies = dict(served.client.cookies)
        with httpx.Client(base_url=served.url, cookies=cookies, timeout=60) as client:
            while not over.wait(0.5):
                for path in LISTS:
                    client.get(path).raise_for_status()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()
