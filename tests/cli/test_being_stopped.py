"""A command that is ended, whatever ends it, hands back what it had not begun to send."""

import os
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from commands import commands_in

from dripline import Dripline, NewLead, Pace, Sender, Sequence, Step
from dripline.engine.event_loop import SAME_FOR

LEADS = 70
LONG = "x" * 4_000
"""A message of which a pipe that nobody reads takes only a few."""

PATIENCE = 30.0

BLOCKED = """
import asyncio, os, sys, time
from dripline.channels import console
from dripline.core.outcome import Accepted
from dripline.cli import main

waiting = []

async def idle(answered):
    await answered.wait()

async def busy(answered):
    while not answered.is_set():
        await asyncio.sleep(0)

async def held_up(answered):
    while True:
        time.sleep(0.01)

WAITS = {"idle": idle, "busy": busy, "held up": held_up}

class Slow:
    sends_at_once = 10
    media = ()
    def __init__(self, stream=None): self.problem = None
    async def send(self, message):
        print("sending", flush=True)
        answered = asyncio.Event()
        waiting.append(answered)
        asyncio.get_running_loop().add_reader(0, lambda: [one.set() for one in waiting])
        await WAITS[os.environ.get("WAITS", "idle")](answered)
        return Accepted("id")

import dripline.cli.processor, dripline.cli.support.session
dripline.cli.processor.ConsoleChannel = dripline.cli.support.session.ConsoleChannel = Slow
main.main()
"""
"""The command line with a console that answers when it is told to."""


HUNG = """
import asyncio, threading
from dripline.cli import main
from dripline.cli.support import shutdown
from dripline.channels import console

shutdown.ENDS_WITHIN = 1.0

class Hung:
    sends_at_once = 1
    media = ()
    def __init__(self, stream=None): self.problem = None
    async def send(self, message):
        print("sending", flush=True)
        await asyncio.to_thread(threading.Event().wait)

import dripline.cli.processor, dripline.cli.support.session
dripline.cli.processor.ConsoleChannel = dripline.cli.support.session.ConsoleChannel = Hung
main.main()
"""
"""The command line with a channel that waits in a thread for what never comes."""


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "shop.db"
    senders = ["A", "B", "C"] if getattr(request, "param", None) == "with senders" else []
    with Dripline(str(path)) as drip:
        for name in senders:
            drip.senders.apply(Sender(name, channel="console", pace=Pace(burst=100)))
        drip.apply(Sequence("Warm", trigger="W", senders=senders, steps=[Step(f"Hi {LONG}"), Step("Later", "1d")]))
        drip.add_leads([NewLead(f"601234{number:05d}", triggers=("W",)) for number in range(LEADS)])
    return path


def statuses(path: Path) -> dict[str, int]:
    """How many first steps stand how."""
    with closing(sqlite3.connect(path)) as database:
        return dict(
            database.execute("SELECT status, count(*) FROM sequence_contacts WHERE current_step = 1 GROUP BY status")
        )


@contextmanager
def sending(path: Path, *command: str, waits: str = "idle") -> Generator[subprocess.Popen[str]]:
    """A command that is sending its first messages."""
    process = subprocess.Popen(
        [sys.executable, "-c", BLOCKED, *command, "--db", str(path)],
        env=os.environ | {"WAITS": waits},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        for _ in range(1 if waits == "held up" else 10):
            assert process.stdout.readline() == "sending\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("command", "name"),
    [("tick", "SIGINT"), ("tick", "SIGTERM"), ("tick", "SIGHUP"), ("run --port 0", "SIGHUP"), ("worker", "SIGTERM")],
)
def test_what_had_not_begun_is_due_again(shop: Path, command: str, name: str) -> None:
    number = signal.Signals[name]
    with sending(shop, *command.split()) as process:
        process.send_signal(number)
        until_handed_back(shop)
        _, told = process.communicate("\n", timeout=PATIENCE)

        assert process.returncode == (128 + number if command == "tick" else 0), told
        assert statuses(shop) == {"completed": 10, "active": LEADS - 10}


def until_handed_back(path: Path) -> None:
    """Wait until what had not begun is due again, while the rest is still being sent."""
    for _ in range(600):
        if statuses(path).get("active") == LEADS - 12:
            select.select([], [], [], 0.2)
            return
        select.select([], [], [], 0.05)
    pytest.fail("nothing was handed back")


@pytest.mark.parametrize("waits", ["idle", "busy"])
@pytest.mark.parametrize("command", ["tick", "run --port 0", "worker"])
@pytest.mark.parametrize("shop", ["without senders", "with senders"], indirect=True)
def test_a_second_signal_ends_at_once_and_leaves_unknown_only_what_was_being_sent(
    shop: Path, command: str, waits: str
) -> None:
    with sending(shop, *command.split(), waits=waits) as process:
        process.send_signal(signal.SIGTERM)
        until_handed_back(shop)
        select.select([], [], [], SAME_FOR)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        _, told = process.communicate()

    assert process.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in told
    assert statuses(shop) == {"unknown": 10, "active": LEADS - 10}


@pytest.mark.parametrize("command", ["tick", "run --port 0", "worker"])
@pytest.mark.parametrize("shop", ["without senders", "with senders"], indirect=True)
def test_a_second_signal_ends_a_channel_that_holds_everything_up(shop: Path, command: str) -> None:
    with sending(shop, *command.split(), waits="held up") as process:
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            select.select([], [], [], 2 * SAME_FOR)
        process.wait(PATIENCE)
        _, told = process.communicate()

    assert process.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in told
    assert statuses(shop) == {"unknown": 1, "active": LEADS - 1}


@pytest.mark.parametrize("command", ["tick", "run --port 0", "worker"])
def test_a_thread_that_hangs_does_not_hold_up_the_end(shop: Path, command: str) -> None:
    arguments = [sys.executable, "-c", HUNG, *command.split(), "--db", str(shop)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sending\n"
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=PATIENCE)

    assert process.returncode == 128 + signal.SIGTERM
    assert "something hung for 1.0 s after SIGTERM, and was left." in told


def test_a_signal_that_comes_twice_at_once_is_one(shop: Path) -> None:
    """As `timeout` sends it: to the program, and again to its process group."""
    with sending(shop, "tick") as process:
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            select.select([], [], [], 0.05)
        until_handed_back(shop)
        process.communicate("\n", timeout=PATIENCE)

    assert process.returncode == 128 + signal.SIGTERM
    assert statuses(shop) == {"completed": 10, "active": LEADS - 10}


def test_killed_without_a_word_only_what_had_begun_is_lost(shop: Path) -> None:
    """A place for each connection, and a quarter of that ahead."""
    with sending(shop, "tick") as process:
        process.kill()
        process.communicate()
    with closing(sqlite3.connect(shop)) as database:
        database.execute("UPDATE sequence_contacts SET lease_until = '2020-01-01 00:00:00' WHERE status = 'sending'")
        database.commit()
    again = commands_in(shop.parent)("tick", "--db", str(shop))

    assert again.returncode == 0, again.stderr
    assert statuses(shop) == {"unknown": 12, "completed": LEADS - 12}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("command", ["tick", "run --port 0", "worker"])
def test_a_full_device_at_the_output_is_told_and_loses_nothing(shop: Path, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = run_into(full.fileno(), shop, command)

    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert statuses(shop) == {"active": LEADS}


@pytest.mark.parametrize("command", ["tick", "run --port 0", "worker"])
def test_a_closed_pipe_at_the_output_is_told_and_loses_nothing(shop: Path, command: str) -> None:
    read, write = os.pipe()
    os.close(read)
    done = run_into(write, shop, command)
    os.close(write)

    assert done.returncode == 1
    assert "Broken pipe" in done.stderr
    assert statuses(shop) == {"active": LEADS}


def test_an_output_that_is_not_there_is_told_and_loses_nothing(shop: Path) -> None:
    """As a service has it that was started without any."""
    command = f'exec "{sys.executable}" -m dripline tick --db "{shop}" >&-'
    done = subprocess.run(["/bin/sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE)

    assert done.returncode == 1
    assert "no output to print to" in done.stderr
    assert statuses(shop) == {"active": LEADS}


def run_into(output: int, shop: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dripline", *command.split(), "--db", shop],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_narrow_encoding_prints_what_it_can(shop: Path, encoding: str) -> None:
    done = commands_in(shop.parent)("tick", "--db", str(shop), PYTHONIOENCODING=encoding)

    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u2192 60123400000" in done.stdout
    assert statuses(shop) == {"completed": LEADS}


def test_an_output_that_nobody_reads_holds_up_no_end(shop: Path) -> None:
    """As `tick | less` does, in which somebody presses Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dripline", "tick", "--db", str(shop)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        for _ in range(600):
            if "sending" in statuses(shop):
                break
            select.select([], [], [], 0.05)
        process.send_signal(signal.SIGINT)

        assert process.wait(PATIENCE) == 128 + signal.SIGINT
    found = statuses(shop)
    assert found["active"] > 0
    assert set(found) <= {"active", "completed"}
