"""A worker whose connections lead nowhere any more, on real time: it says so, goes on, and ends when it is told to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from crash_scene import pause

from dripline import Dripline, NewLead, Sequence, Step
from support.forgetful_proxy import ForgetfulProxy, forgetful_proxy

NewUrl = Callable[[str], str]


class Worker:
    """`dripline worker` or `dripline run` behind a proxy; it prints what it sends."""

    def __init__(self, proxy: ForgetfulProxy, url: str, folder: Path, *command: str) -> None:
        self.url, self.printed, self.log = url, folder / "printed", folder / "log"
        with self.printed.open("w") as printed, self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dripline", *command, "--db", proxy.url, "--poll", "1"],
                cwd=folder,
                env=os.environ | {"PYTHONUNBUFFERED": "1", "HOME": str(folder)},
                stdout=printed,
                stderr=log,
            )

    def sent(self) -> int:
        return self.printed.read_text().count("hello")

    def add(self, number: int) -> None:
        with Dripline(self.url) as drip:
            drip.add_leads([NewLead(f"60121{number:06d}", triggers=("T",))])

    def until(self, is_so: Callable[[], bool], seconds: float) -> float:
        """Wait until something is so, and return for how long that was."""
        since = time.perf_counter()
        while not is_so():
            waited = time.perf_counter() - since
            assert waited < seconds, self.log.read_text()
            pause(0.1)
        return time.perf_counter() - since

    def told(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if "database." in line]


@contextmanager
def at_work(url: str, folder: Path, *command: str) -> Generator[tuple[Worker, ForgetfulProxy]]:
    """A worker that has sent its first message."""
    with Dripline(url) as drip:
        drip.apply(Sequence("S", trigger="T", steps=[Step("hello")]))
    with forgetful_proxy(url) as proxy:
        worker = Worker(proxy, url, folder, *command)
        try:
            worker.add(0)
            worker.until(lambda: worker.sent() == 1, 60)
            yield worker, proxy
        finally:
            worker.process.kill()
            worker.process.wait()


def test_a_worker_whose_connections_are_forgotten_says_so_once_and_goes_on(new_url: NewUrl, tmp_path: Path) -> None:
    with at_work(new_url("postgresql"), tmp_path, "worker") as (worker, proxy):
        proxy.forget()
        worker.add(1)
        found = worker.until(lambda: bool(worker.told()), 30)
        # The server holds what the lost connection had locked until it notices, too.
        waited = found + worker.until(lambda: worker.sent() == 2, 60)
        told = worker.told()

        assert [line.split()[3] for line in told] == ["database.hung_up"], worker.log.read_text()
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(10) == 0
    print(f"connections forgotten: found after {found:.1f} s, sent again after {waited:.1f} s: {told}")


@pytest.mark.parametrize("command", ["worker", "run --port 0"])
def test_a_worker_that_waits_for_a_dead_database_ends_when_it_is_told_to(
    new_url: NewUrl, tmp_path: Path, command: str
) -> None:
    with at_work(new_url("postgresql"), tmp_path, *command.split()) as (worker, proxy):
        proxy.forget_everything()
        told = worker.until(lambda: bool(worker.told()), 30)
        since = time.perf_counter()
        worker.process.send_signal(signal.SIGTERM)
        code = worker.process.wait(65)
        waited = time.perf_counter() - since

        assert (code, len(worker.told())) == (0, 2), worker.log.read_text()
        assert waited < 40
    print(f"{command}: told after {told:.1f} s, ended {waited:.1f} s after SIGTERM")
