"""``python -m benchmarks.simulation``: 100,000 leads × 4 steps × 30 senders over 36 virtual hours, by the command.

Twice each, in a process of its own: how long it takes, how much memory its processes need together at most, and whether
both runs gave the same bytes. `plain` senders have no pace, as any has unless it is given one; `fast` ones send as many
as their hourly cap lets them; `steady` ones send one message at a time with a gap, so that every lane is free at its
own second.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from dripline.engine.clock import stopwatch

LEADS, SENDERS, HOURS = 100_000, 30, 36
SECONDS, MEGABYTES = 60, 500
"""The goal."""

PACES = {"plain": "", "fast": "hourly_cap: 1000", "steady": "gap: 5s-15s"}

STEPS = """name: Warm EXAMA
trigger: WARMEXAMA
senders: [sales]
steps:
  - message: "Hi {{ name }}, thank you for asking about EXAMA!"
  - {after: 12h, message: "{{ name }}, this is how EXAMA works."}
  - {after: 12h, message: "What other mothers say about EXAMA, {{ name }}."}
  - {after: 12h, message: "{{ name }}, your EXAMA offer ends tonight."}
"""


def setup_file(pace: str) -> str:
    """Return the senders, all of one pace, and the sequence."""
    senders = [f"sender: jb-{n:02}\nchannel: whatsapp\npool: sales\n{pace}\n" for n in range(1, SENDERS + 1)]
    return "---\n".join([*senders, STEPS])


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run took: on the wall's clock, of all processors, of memory at the peak; and a digest of its result."""

    seconds: float
    processor: float = field(kw_only=True)
    megabytes: float = field(kw_only=True)
    digest: str = field(kw_only=True)


def measure(file: Path) -> Measured:
    """Run the command once."""
    command = [sys.executable, "-m", "dripline", "simulate", str(file)]
    lap, before, most = stopwatch(), os.times(), 0.0
    with subprocess.Popen(
        [*command, "--leads", str(LEADS), "--for", f"{HOURS}h", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdout is not None
        reading = ThreadPoolExecutor(1).submit(child.stdout.read)
        while child.poll() is None:
            most = max(most, sum(map(megabytes, family(child.pid))))
            time.sleep(0.1)  # noqa: TID251  (a benchmark looks at real time)
        printed = reading.result()
    assert child.returncode == 0, printed
    seconds, after = lap(), os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(seconds, processor=used, megabytes=most, digest=hashlib.sha256(printed).hexdigest()[:12])


def family(process: int) -> list[int]:
    """Return a process and all that it started."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [process, *(one for child in children for one in family(int(child)))]


def megabytes(process: int) -> float:
    """Return how much of the memory a process has for itself or shares, its share of it counted."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> int:
    """Run everything; exit 1 if a goal is missed."""
    good = True
    paces = sys.argv[1:] or [*PACES]
    print(f"{LEADS:,} leads × 4 steps × {SENDERS} senders, {HOURS} virtual hours; goal {SECONDS} s, {MEGABYTES} MB")
    for name in paces:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "shop.yaml"
            file.write_text(setup_file(PACES[name]))
            runs = [measure(file) for _ in range(2)]
        for run in runs:
            met = run.seconds < SECONDS and run.megabytes < MEGABYTES
            figures = f"{run.seconds:7.1f} s {run.processor:7.1f} s of processors {run.megabytes:7.0f} MB"
            print(f"{name:8} {figures}   {run.digest}   {'met' if met else 'MISSED'}", flush=True)
            good = good and met
        good = good and len({run.digest for run in runs}) == 1
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
