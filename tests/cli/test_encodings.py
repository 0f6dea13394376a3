"""Terminals that are not UTF-8: what they lack is printed as escapes, and no command ends in a trace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import done_in

YAML = "name: Wärm 😊\ntrigger: WARM\nsteps:\n  - message: 'Hi {{ name }} 😊 中'\n  - after: 12h\n    message: Two\n"

COMMANDS = ("show 60123456789", "imports refused 1", "preview warm.yaml", "sequences archive Wärm", "nö")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "warm.yaml").write_text(YAML, encoding="utf-8")
    (folder / "leads.csv").write_text("phone,name,trigger\n60123456789,Noël 中,WARM\n12,Ün,WARM\n", encoding="utf-8")
    return done_in(folder, ("apply", "warm.yaml", "--db", "shop.db"), ("import", "leads.csv", "--db", "shop.db"))


NARROW = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
"""The last one is a terminal that hands UTF-8 on as bytes that nobody can read."""


@pytest.mark.parametrize("name", NARROW)
def test_no_command_ends_in_a_trace(shop: Path, name: str) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DRIPLINE_")}
    traced: list[str] = []
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "dripline", *command.split()],
            cwd=shop,
            env=clean | NARROW[name] | {"DRIPLINE_DB": "shop.db"},
            capture_output=True,
            check=False,
            timeout=120,
        )
        if b"Traceback" in done.stderr + done.stdout or done.returncode not in {0, 1, 2}:
            traced.append(command)

    assert traced == []


def test_an_argument_that_is_no_text_is_refused_in_a_sentence(shop: Path) -> None:
    command = [sys.executable, "-m", "dripline", "sequences", "archive", b"W\xe4rm", "--db", "shop.db"]
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 2
    assert done.stderr == "dripline: 'W\\udce4rm' is not text: write it in UTF-8, and set LANG=C.UTF-8.\n"


@pytest.mark.parametrize("command", ["export", "--help"])
def test_a_pipe_that_is_closed_early_ends_in_no_trace(shop: Path, command: str) -> None:
    """As `| head` closes it."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "dripline", command, *([] if command == "--help" else ["--db", "shop.db"])],
        cwd=shop,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    os.close(write)

    assert "Traceback" not in done.stderr
    assert done.returncode == 1
