"""README's ways to set up, run as they stand there; and what is installed that way, read by two type checkers."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dripline

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
PARTS = ["src", "examples", "docs", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE"]
README = (ROOT / "README.md").read_text("utf-8")

PROGRAM = """
from datetime import UTC, datetime
from pathlib import Path

import dripline
from dripline import {names}


class Mine:
    async def send(self, message: Message) -> Outcome:
        return Accepted(provider_id=str(message.record_id))


def play(folder: Path) -> int:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    mine: Channel = Mine()
    with Dripline(f"sqlite:///{{folder}}/drip.db", clock=clock, channels={{"console": mine}}) as drip:
        drip.apply(Sequence("Warm EXAMA", trigger="WARM", steps=[Step("Hi {{{{ name }}}}"), Step("Two", after="12h")]))
        drip.add_lead(phone="60123456789", name="Aina", triggers=["WARM"])
        report = drip.tick()
        return report.sent + len(drip.records(phone="60123456789"))


used: list[object] = [{names}]
version: str = dripline.__version__
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What is built of a clone, in a folder of its own."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / part)
    return tmp_path


def way(title: str) -> str:
    """Return the commands that README shows after a title."""
    found = re.search(rf"^With {title}:\n\n```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found.group(1)


def run(folder: Path, script: str) -> str:
    """Run commands in a clone as a person would; uv is where our own tools are."""
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    environment |= {"PATH": f"{environment['PATH']}{os.pathsep}{TOOLS}", "PIP_NO_COMPILE": "1"}
    ran = subprocess.run(
        ["/bin/bash", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True, check=False,
        encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_way_with_uv_plays_the_example(clone: Path) -> None:
    assert "Each step went once, in order, at its hour" in run(clone, way("uv"))


def test_the_way_with_pip_plays_the_example_and_its_public_names_are_typed(clone: Path) -> None:
    assert "Each step went once, in order, at its hour" in run(clone, way("pip"))
    names = [name for name in dripline.__all__ if not name.startswith("_")]
    program = clone / "program.py"
    program.write_text(PROGRAM.format(names=", ".join(names)))
    (clone / "src").rename(clone / "not-installed")
    python = clone / ".venv/bin/python"

    said = run(clone, f"{python} -c 'import dripline; print(dripline.__file__)'")
    run(clone, f"{TOOLS}/mypy --strict --python-executable {python} --cache-dir {clone}/.mypy {program}")
    (clone / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "include": ["program.py"]}')
    run(clone, f"{TOOLS}/basedpyright --level error --pythonpath {python} --project {clone}")

    assert ".venv" in said
