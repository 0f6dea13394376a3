"""What the crash tests share: workers, the provider, killing, and counting from outside."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dripline import Dripline, DriplineError, NewLead, Policy, Sequence, Step
from dripline.store.database.connect import connect

HERE = Path(__file__).parent
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Scene:
    """One database, one provider, some workers."""

    url: str
    log: Path
    port: str
    workers: list[subprocess.Popen[bytes]]
    killed: set[int] = field(default_factory=set[int])
    is_hurried: bool = True

    @property
    def errors(self) -> str:
        """What the workers complained of."""
        return self.log.with_suffix(".errors").read_text()

    def start(self, *offsets: Path) -> None:
        """Start one more worker; its machine's clock is wrong by what a file says, if one is given."""
        errors = self.log.with_suffix(".errors").open("ab")
        kind = "hurried" if self.is_hurried else "as it comes"
        words = [sys.executable, HERE / "worker_process.py", self.url, self.port, kind, *offsets]
        self.workers.append(subprocess.Popen(words, stderr=errors))
        errors.close()

    def kill_one(self, number: int) -> None:
        """SIGKILL a worker, and start another in its place."""
        victim = self.workers.pop(number % len(self.workers))
        victim.kill()
        self.killed.add(victim.pid)
        victim.wait()
        self.start()

    def accepted(self) -> list[dict[str, int]]:
        """What the provider wrote down, in its order."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def scene(url: str, folder: Path, *, workers: int, is_hurried: bool = True) -> Generator[Scene]:
    """Start a provider and workers; end them all afterwards. Workers in a hurry have leases of seconds."""
    log = folder / "accepted.log"
    log.touch()
    provider = subprocess.Popen([sys.executable, HERE / "provider_process.py", log], stdout=subprocess.PIPE, text=True)
    assert provider.stdout is not None
    made = Scene(url, log, provider.stdout.readline().strip(), [], is_hurried=is_hurried)
    try:
        for _ in range(workers):
            made.start()
        wait_for_all(url, workers)
        yield made
    finally:
        for process in (*made.workers, provider):
            process.kill()
            process.wait()
        provider.stdout.close()


def wait_for_all(url: str, workers: int) -> None:
    """Wait until every worker has made itself known, so that none is still starting when the killing begins."""
    with Dripline(url) as drip:
        for _ in range(int(PATIENCE * 10)):
            if len(drip.reports.workers()) == workers:
                return
            pause(0.1)
    raise AssertionError("the workers never started")


def enroll(url: str, leads: int, steps: int) -> None:
    """Enroll leads in a sequence whose steps follow each other by a second."""
    with Dripline(url) as drip:
        burst = [Step(f"Step {place}", "1s" if place else "0s") for place in range(steps)]
        drip.apply(Sequence("Burst", trigger="BURST", steps=burst, policy=Policy(unknown_after="1s")))
        for start in range(0, leads, 1_000):
            numbers = range(start, min(start + 1_000, leads))
            drip.add_leads([NewLead(f"6012{number:07d}", triggers=("BURST",)) for number in numbers])


def pause(seconds: float) -> None:
    """Let the other processes work."""
    time.sleep(seconds)  # noqa: TID251  (other processes, on real time)


def drained(url: str, patience: float = PATIENCE) -> dict[str, int]:
    """Wait until nothing is left to send and return how many records ended how."""
    waited, counts = 0.0, dict[str, int]()
    while waited < patience:
        try:
            with Dripline(url) as drip:
                counts = drip.reports.counts()
            if not {"pending", "active", "sending"} & counts.keys():
                return counts
        except DriplineError:
            pass  # the database is just being started again
        pause(0.5)
        waited += 0.5
    raise AssertionError(f"the workers never finished: {counts}")


def check(made: Scene, leads: int, steps: int, *, database_was_lost: bool = False) -> Counter[str]:
    """Hold what the provider saw against what the database says; return how many records ended how.

    Only a worker that was killed leaves unknown records, or a database that went away with the answer to a claim.
    """
    taken = made.accepted()
    ids = [message["record_id"] for message in taken]
    with Dripline(made.url) as drip:
        records = {record.id: record for record in drip.records()}
        breaches = [breach.sentence() for breach in drip.verify()]
    assert breaches == []
    assert len(records) == leads * steps
    assert len(ids) == len(set(ids)), "the provider accepted a record twice"
    statuses = Counter(str(record.status) for record in records.values())
    assert set(statuses) <= {"completed", "unknown"}, statuses
    lost = [r.id for r in records.values() if r.status == "completed" and r.id not in set(ids)]
    assert lost == [], "completed, and the provider never saw it"
    early = [message for message in taken if message["at"] < records[message["record_id"]].planned_time.timestamp()]
    assert early == [], "the provider accepted it before its time"
    if not database_was_lost:
        assert _who_lost_unknown_ones(made.url) <= made.killed, "unknown, and its worker was never killed"
    order: dict[int, list[int]] = {}
    for record_id in ids:
        order.setdefault(records[record_id].enrollment_id, []).append(records[record_id].current_step)
    assert all(seen == sorted(seen) for seen in order.values()), "out of order"
    return statuses


def _who_lost_unknown_ones(url: str) -> set[int]:
    """The process ids of the workers that had claimed what is unknown now."""
    with closing(connect(url)) as database:
        rows = database.script(
            "SELECT DISTINCT w.process_id FROM sequence_contacts AS r"
            " JOIN attempts AS a ON a.record_id = r.id AND a.number = r.attempt"
            " JOIN workers AS w ON w.id = a.worker WHERE r.status = 'unknown'"
        )
    return {row["process_id"] for row in rows}
