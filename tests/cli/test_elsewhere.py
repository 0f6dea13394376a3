"""Systems that lack what Unix has, Windows above all: simulated here, by taking it away from a process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dripline import Dripline, FakeChannel, Sequence, Step
from dripline.core.database_url import sqlite_path
from dripline.engine.event_loop import loop_factory
from support.real_time import eventually

WITHOUT = """
import asyncio, asyncio.base_events, concurrent.futures, multiprocessing, os, select, signal, socket, subprocess, sys
import logging.handlers, socketserver, tempfile, threading

def missing(*_):
    raise NotImplementedError

asyncio.SelectorEventLoop.add_signal_handler = missing
asyncio.SelectorEventLoop.remove_signal_handler = missing
for name in ("fcntl", "resource", "pwd", "grp", "termios", "uvloop"):
    sys.modules[name] = None
for place, names in (
    (signal, ("SIGHUP", "SIGKILL", "SIGUSR1", "SIGALRM", "SIGCHLD")),
    (os, ("getuid", "geteuid", "getgid", "fork", "fchmod", "chown", "getpgid", "killpg")),
    (select, ("poll",)),
):
    for name in names:
        delattr(place, name)
# What the standard library and others keep to Unix is loaded before: only ours is tried.
from dripline.cli.main import main
main()
"""


def shop(folder: Path) -> str:
    path = str(folder / "shop.db")
    with Dripline(path, channels={"console": FakeChannel()}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("hi")]))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
    return path


@pytest.mark.parametrize(
    ("command", "sign"), [("run --port 0", "pass.done"), ("worker", "pass.done"), ("serve --port 0", "serving url=")]
)
def test_it_starts_and_ctrl_c_ends_it(tmp_path: Path, command: str, sign: str) -> None:
    path, log = shop(tmp_path), tmp_path / "log"
    started = [sys.executable, "-c", WITHOUT, *command.split(), "--db", path]
    with (
        log.open("wb") as written,
        subprocess.Popen(started, stderr=written, stdout=subprocess.DEVNULL, cwd=tmp_path) as process,
    ):
        eventually(lambda: sign in log.read_text(encoding="utf-8"))
        process.send_signal(signal.SIGINT)
        ended = process.wait(60)

    assert "Traceback" not in log.read_text(encoding="utf-8")
    # Whoever has not begun to serve is ended at once, and who has ends what it does.
    assert ended in {0, 128 + signal.SIGINT}


def test_a_pass_sends_what_is_due(tmp_path: Path) -> None:
    path = shop(tmp_path)
    started = [sys.executable, "-c", WITHOUT, "tick", "--db", path]
    done = subprocess.run(
        started, capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path, env={**os.environ}
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "sent 1" in done.stdout


def test_on_windows_the_event_loop_is_one_on_which_postgresql_can_be_listened_to() -> None:
    factory = loop_factory("win32")
    assert factory is not None
    loop = factory()
    loop.close()

    assert hasattr(loop, "add_reader")
    assert loop_factory("linux") is None


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (r"C:\Users\Aina\shop.db", r"C:\Users\Aina\shop.db"),
        ("C:/Users/Aina/shop.db", "C:/Users/Aina/shop.db"),
        (r"sqlite:///C:\Users\Aina\shop.db", r"C:\Users\Aina\shop.db"),
        ("sqlite:///C:/Users/My%20shop/shop.db", "C:/Users/My shop/shop.db"),
        (r"\\server\share\shop.db", r"\\server\share\shop.db"),
    ],
)
def test_paths_of_windows_are_paths(written: str, path: str) -> None:
    assert sqlite_path(written) == path
