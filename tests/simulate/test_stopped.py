"""A simulation that somebody stops says so in one line."""

import signal
import subprocess
import sys
from pathlib import Path

from support.real_time import eventually

YAML = "name: Warm\ntrigger: WARM\nsteps:\n  - message: hi\n  - after: 12h\n    message: two\n"


def is_playing(process: subprocess.Popen[str]) -> bool:
    """Whether it has worked for more than a start takes: a second of processor time."""
    ran = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(ran[11]) + int(ran[12]) > 200


def test_ctrl_c_ends_a_simulation_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "warm.yaml").write_text(YAML)
    command = [sys.executable, "-m", "dripline", "simulate", "warm.yaml", "--leads", "100000"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        eventually(lambda: is_playing(process))
        process.send_signal(signal.SIGINT)
        printed, told = process.communicate(timeout=60)

    assert (process.returncode, printed, told) == (130, "", "dripline: stopped by Ctrl-C.\n")
