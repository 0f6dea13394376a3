"""`dripline run` in little memory and few files, and the processes around it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from support.real_time import eventually

HERE = Path(__file__).parent
MEMORY = 512 * 1024 * 1024
FILES = 1_024
SECRET = "b" * 32


class Besieged:
    """A running `dripline run`, seen from outside."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, taken: Path) -> None:
        self.process, self.log, self._taken = process, log, taken
        eventually(lambda: self.port > 0)

    @property
    def port(self) -> int:
        """Where it serves; 0 as long as it does not."""
        found = re.search(r"serving url=http://[^:]+:(\d+)", self.log.read_text(errors="replace"))
        return int(found[1]) if found else 0

    @property
    def peak(self) -> int:
        """The most memory that it has held so far, in bytes."""
        told = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", told)
        assert found is not None
        return int(found[1]) * 1024

    def taken(self) -> list[dict[str, str]]:
        """What the provider wrote down."""
        return [json.loads(line) for line in self._taken.read_text().splitlines()]


@contextmanager
def besieged(url: str, folder: Path) -> Generator[Besieged]:
    """Run it beside a provider that takes everything; what it logs goes into a file."""
    log, taken = folder / "run.log", folder / "taken.log"
    taken.touch()
    with running("recorder_process.py", str(taken)) as provider, held_to(MEMORY) as group, log.open("wb") as written:
        assert provider.stdout is not None
        environment = {
            **os.environ,
            "DRIPLINE_TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
            "DRIPLINE_TWILIO_AUTH_TOKEN": SECRET,
            "DRIPLINE_TWILIO_SENDER": "+14155552345",
            "DRIPLINE_TWILIO_BASE_URL": f"http://127.0.0.1:{provider.stdout.readline().strip()}",
            "DRIPLINE_TWILIO_WEBHOOK_URL": "https://example.com/hooks",
        }
        joined = f"echo $$ > {group}/cgroup.procs; " if group else ""
        command = f"{joined}ulimit -n {FILES}; exec {sys.executable} -m dripline run --db '{url}' --port 0"
        process = subprocess.Popen(["/bin/sh", "-c", command], stdout=written, stderr=written, env=environment)
        try:
            yield Besieged(process, log, taken)
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def running(program: str, *arguments: str) -> Generator[subprocess.Popen[str]]:
    """Run a program of this folder until the block ends."""
    command = [sys.executable, str(HERE / program), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def held_to(memory: int) -> Generator[Path | None]:
    """A group of processes that is killed at so much memory; None where this user may make none."""
    group = Path(f"/sys/fs/cgroup/memory/dripline-{os.getpid()}")
    bound = "memory.limit_in_bytes"
    if not group.parent.exists():
        group, bound = Path(f"/sys/fs/cgroup/dripline-{os.getpid()}"), "memory.max"
    try:
        group.mkdir()
        (group / bound).write_text(str(memory))
    except OSError:
        if group.exists():
            group.rmdir()
        yield None
        return
    try:
        yield group
    finally:
        group.rmdir()
