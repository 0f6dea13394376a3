"""Workers on hosts, a provider outside, and somebody who adds leads all the time; and what became of all that."""

import itertools
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from network_hosts import Host, Program
from patroni_cluster import Cluster

from dripline import Dripline, DriplineError, FakeChannel, NewLead, Policy, Sequence, Step
from support.real_time import pause

TESTS = Path(__file__).parents[1]
STEPS = 2
PER_SECOND = 8
"""How many leads are added in a second."""

_numbers = itertools.count(1)


@dataclass(slots=True)
class Feeder:
    """Adds leads, one after the other, and keeps which were answered; one that was not is added again."""

    url: str
    added: list[str] = field(default_factory=list[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    _is_over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()

    def _feed(self) -> None:
        drip: Dripline | None = None
        phone = ""
        while not self._is_over.wait(1 / PER_SECOND):
            phone = phone or f"6012{next(_numbers):07d}"
            try:
                drip = drip or Dripline(self.url, create=False, migrate=False)
                drip.add_lead(phone=phone, triggers=["LOAD"])
            except DriplineError as problem:
                self.refused[type(problem).__name__] += 1
            else:
                self.added.append(phone)
                phone = ""
        if drip is not None:
            drip.close()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of everything, by what the provider wrote down against what the database says."""

    accepted: int
    lost: int
    doubled: int
    early: int
    unknown: int
    held: int
    """Records whose claim nobody has: they go when it ends."""
    longest_pause: float

    def sentence(self) -> str:
        """Everything in one line."""
        return (
            f"{self.accepted} accepted; lost {self.lost}, doubled {self.doubled}, early {self.early}; "
            f"unknown {self.unknown}, held {self.held}; longest pause {self.longest_pause:.1f} s"
        )


class Load:
    """A provider, workers and a feeder on one database."""

    waits_for_claims = False
    """Whether what a claim holds that nobody has is waited for: that lasts five minutes."""

    def __init__(self, cluster: Cluster, name: str, folder: Path, outside: str) -> None:
        self.cluster, self.name, self.url = cluster, name, cluster.url(name)
        self._folder, self._outside = folder, outside
        self.log = folder / "accepted.log"
        self.log.touch()
        words = [sys.executable, TESTS / "crash" / "provider_process.py", self.log, outside]
        self._provider = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self._provider.stdout is not None
        self._port = self._provider.stdout.readline().strip()
        self.workers: list[Program] = []
        self.feeder = Feeder(self.url)
        _install_wire(folder / "site")

    def start_worker(self, host: Host, settings: Mapping[str, str], *words: str) -> Program:
        """Start `dripline worker` on a host."""
        here = host.folder / f"{self.name}-worker{len(self.workers)}"
        here.mkdir()
        path = [self._folder / "site", TESTS / "failover", os.environ.get("PYTHONPATH", "")]
        env = {**os.environ, **settings, "PYTHONPATH": os.pathsep.join(map(str, path)), "HOME": str(here)}
        env |= {"DRIPLINE_CHANNELS_WIRE_HOST": self._outside, "DRIPLINE_CHANNELS_WIRE_PORT": self._port}
        command = (sys.executable, "-m", "dripline", "worker", *words)
        self.workers.append(host.start(here.name, *command, env=env, cwd=here))
        return self.workers[-1]

    def flow(self) -> None:
        """Begin to add leads, once every worker is at work; return once messages flow."""
        with Dripline(self.url) as drip:
            self.cluster.until(lambda: len(drip.reports.workers()) == len(self.workers), "workers at work")
        self.feeder.start()
        self.until_more(20)

    def accepted(self) -> list[dict[str, float]]:
        """What the provider wrote down, in its order."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def until_more(self, many: int, patience: float = 120) -> float:
        """Wait until the provider has accepted so many more, and return for how long."""
        wanted = len(self.accepted()) + many
        try:
            return self.cluster.until(lambda: len(self.accepted()) >= wanted, "more messages", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None

    def woken_after(self) -> float:
        """Add one more lead, and return how long it took until it was written to, in seconds."""
        self.add(1)
        return self.until_more(1)

    def add(self, many: int) -> None:
        """Add so many leads."""
        phones = [f"6012{next(_numbers):07d}" for _ in range(many)]
        with Dripline(self.url) as drip:
            drip.add_leads([NewLead(phone, triggers=("LOAD",)) for phone in phones])
        self.feeder.added.extend(phones)

    def logs(self) -> str:
        """The ends of what the workers logged."""
        return "\n".join(f"--- {worker.name}\n{worker.logged()[-3_000:]}" for worker in self.workers)

    def close(self) -> None:
        """End everything."""
        self.feeder.stop()
        for program in self.workers:
            program.kill()
        self._provider.kill()
        self._provider.wait()
        assert self._provider.stdout is not None
        self._provider.stdout.close()

    def result(self, patience: float = 60) -> Result:
        """Stop adding, wait until what can go has gone, and count."""
        self.feeder.stop()
        self._until_gone(patience)
        for program in self.workers:
            assert program.process.poll() is None, f"a worker ended:\n{program.logged()[-3_000:]}"
            program.ask_to_end()
        return self._counted()

    def _until_gone(self, patience: float) -> None:
        """Wait until nothing is left but what a claim holds that nobody has, and what comes behind that."""
        left = Counter[str]()
        for _ in range(int(patience)):
            with Dripline(self.url) as drip:
                records = drip.records()
            held = {one.enrollment_id for one in records if one.status == "sending"}
            left = Counter(str(one.status) for one in records if one.enrollment_id not in held)
            if not {"pending", "active"} & left.keys() and (not held or not self.waits_for_claims):
                return
            pause(1)
        raise AssertionError(f"never gone: {left}\n{self.logs()}")

    def _counted(self) -> Result:
        taken = self.accepted()
        ids = [int(message["record_id"]) for message in taken]
        with Dripline(self.url) as drip:
            records = {record.id: record for record in drip.records()}
            breaches = [breach.sentence() for breach in drip.verify()]
        assert breaches == []
        known = {str(record.contact_phone).removeprefix("+") for record in records.values()}
        completed = {one for one, record in records.items() if record.status == "completed"}
        forgotten = [phone for phone in self.feeder.added if phone not in known]
        statuses = Counter(str(record.status) for record in records.values())
        early = [m for m in taken if m["at"] < records[int(m["record_id"])].planned_time.timestamp()]
        at = [message["at"] for message in taken]
        assert len(records) == STEPS * len(known)
        return Result(
            accepted=len(ids),
            lost=len(forgotten) + len(completed ^ set(ids)),
            doubled=len(ids) - len(set(ids)),
            early=len(early),
            unknown=statuses["unknown"],
            held=statuses["sending"],
            longest_pause=max((after - before for before, after in itertools.pairwise(at)), default=0.0),
        )


@contextmanager
def under_load(cluster: Cluster, folder: Path, outside: str, name: str) -> Generator[Load]:
    """Make a new database with a sequence that leads are added to all the time, and a provider."""
    here = folder / name
    here.mkdir()
    steps = [Step(f"Step {place}", "3s" if place else "0s") for place in range(STEPS)]
    url = cluster.new_database(name)
    with Dripline(url, channels={"wire": FakeChannel()}) as drip:
        drip.apply(Sequence("Load", trigger="LOAD", channel="wire", steps=steps, policy=Policy(unknown_after="1s")))
    load = Load(cluster, name, here, outside)
    try:
        yield load
    finally:
        load.close()


def _install_wire(site: Path) -> None:
    """Leave the plug-in as pip would."""
    named = site / "dripline_wire-1.0.dist-info"
    named.mkdir(parents=True)
    (named / "METADATA").write_text("Metadata-Version: 2.1\nName: dripline-wire\nVersion: 1.0\n")
    (named / "entry_points.txt").write_text("[dripline.channels]\nwire = wire_channel:Wire\n")
