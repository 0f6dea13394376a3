"""Lists that wait are gone with their process, and where that was killed with the next one."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dripline.web.uploads.upload_folder import WaitingFolder

WAITS = """
import time
from dripline.web.uploads.upload_folder import WaitingFolder
print(WaitingFolder().path, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_what_a_killed_process_left_is_deleted_by_the_next_and_nothing_of_a_living_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WAITS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        (left / "list.csv").write_text("60123456789")
        strangers = tmp_path / "dripline-lists-of-an-older-version"
        strangers.mkdir()
        WaitingFolder().close()
        assert (left / "list.csv").exists()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    folder = WaitingFolder()
    try:
        assert not left.exists()
        assert strangers.exists()
        assert stat.S_IMODE(folder.path.stat().st_mode) == stat.S_IRWXU
    finally:
        folder.close()
    assert not folder.path.exists()
