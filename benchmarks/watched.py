"""A process of our own, looked at from outside while it runs: its processor time, its memory at the peak.

Both are the kernel's own counts of that process. What a database server spends is not in them.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dripline.engine.clock import stopwatch

DRIPLINE = (sys.executable, "-m", "dripline")
"""The command."""

_TICKS = os.sysconf("SC_CLK_TCK")


def pause(seconds: float) -> None:
    """Wait in real time."""
    time.sleep(seconds)  # noqa: TID251  (a benchmark looks at real time)


class Watched:
    """A process that runs, or has run; its memory's peak is remembered from the last look."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._peak = 0.0

    def is_running(self) -> bool:
        """Return whether it still runs."""
        return self._process.poll() is None

    def peak_megabytes(self) -> float:
        """Return the most memory that it had resident at any time until now, shared pages included."""
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        except OSError:
            lines = []
        self._peak = max([self._peak, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))])
        return self._peak

    def processor_seconds(self) -> float:
        """Return how long a processor has worked for it, all threads, in its own code and in the kernel's."""
        after_the_name = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_the_name[11]) + int(after_the_name[12])) / _TICKS

    def share(self, seconds: float) -> float:
        """Wait so long, and return how much of one core it took meanwhile, in percent."""
        before, elapsed = self.processor_seconds(), stopwatch()
        pause(seconds)
        return 100 * (self.processor_seconds() - before) / elapsed()

    def wait_until(self, happened: Callable[[], bool], *, every: float = 0.1, at_most: float = 600) -> float:
        """Wait until something has happened, and return for how many seconds.

        Raises:
            TimeoutError: It has not happened, or it cannot any more.
        """
        elapsed = stopwatch()
        while not happened():
            if elapsed() > at_most or not self.is_running():
                raise TimeoutError(f"after {elapsed():.0f} seconds nothing had happened: the figure cannot be had")
            pause(every)
        return elapsed()

    def end(self) -> None:
        """End it with SIGTERM, and wait until it has."""
        self._process.terminate()
        self._process.wait(timeout=60)


@contextmanager
def watched(*command: str) -> Generator[Watched]:
    """Start a process that prints to nowhere and yield it; end it if it is still there.

    Raises:
        RuntimeError: It ended with an error while something was waited for; holds the end of what it said.
    """
    with _started(command) as (process, said):
        try:
            yield Watched(process)
        except TimeoutError as late:
            if process.poll():
                raise _failed(process, said) from late
            raise
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process took from its start to its end."""

    seconds: float
    peak_megabytes: float


def seconds_of(*command: str) -> float:
    """Run a process to its end and return how long that took, to the millisecond.

    Raises:
        RuntimeError: It ended with an error; holds the end of what it said.
    """
    elapsed = stopwatch()
    with _started(command) as (process, said):
        process.wait()
        seconds = elapsed()
        if process.returncode:
            raise _failed(process, said)
    return seconds


def run(*command: str) -> Ran:
    """Run a process to its end, and look at its memory every few milliseconds.

    Raises:
        RuntimeError: It ended with an error; holds the end of what it said.
    """
    with _started(command) as (process, said):
        elapsed, child = stopwatch(), Watched(process)
        while child.is_running():
            child.peak_megabytes()
            pause(0.005)
        seconds = elapsed()
        if process.returncode:
            raise _failed(process, said)
    return Ran(seconds, child.peak_megabytes())


def _surroundings() -> dict[str, str]:
    """Return the environment, without what keeps Python from storing compiled files: an installed program has them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def _started(command: Sequence[str]) -> Generator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, env=_surroundings()
        ) as process,
    ):
        yield process, said


def _failed(process: subprocess.Popen[bytes], said: IO[bytes]) -> RuntimeError:
    said.seek(0)
    return RuntimeError(f"{process.args} ended with {process.returncode}: {said.read()[-500:].decode()}")
