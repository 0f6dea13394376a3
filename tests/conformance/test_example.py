"""The example of a plug-in: it keeps the rules, the docs show it, and the real command line sends through it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from ntfy import EXAMPLE, ROOT, TOKEN, Ntfy
from typing_extensions import override

from dripline.cli.demo import WARM
from dripline.conformance import ChannelConformance, Provider

DOCS = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
LINES = 40

Run = Callable[..., subprocess.CompletedProcess[str]]


class TestNtfy(ChannelConformance):
    @pytest.fixture
    @override
    def provider(self) -> Iterator[Provider]:
        with Ntfy() as provider:
            yield provider


def test_the_docs_show_the_very_file_and_it_has_forty_lines() -> None:
    code = EXAMPLE.read_text(encoding="utf-8")
    shown = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)

    assert code in shown
    assert len(code.splitlines()) <= LINES


@pytest.mark.parametrize(
    ("right", "wrong", "result", "told"),
    [
        ("", "", 0, "13 passed"),
        ("else Unknown(", "else RetryLater(", 1, "nobody knows whether the message was taken (break down), and send"),
    ],
)
def test_the_tests_that_the_docs_show_find_what_is_wrong(
    tmp_path: Path, right: str, wrong: str, result: int, told: str
) -> None:
    """The lines of the docs, in a file of their own, run by pytest as a third party's tests are."""
    shown = next(text for text in re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL) if "ChannelConformance" in text)
    (tmp_path / "test_ntfy.py").write_text(shown)
    code = EXAMPLE.read_text(encoding="utf-8")
    assert right in code
    (tmp_path / EXAMPLE.name).write_text(code.replace(right, wrong) if right else code)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert (run.returncode, told in run.stdout) == (result, True), run.stdout


@pytest.fixture
def dripline(tmp_path: Path) -> Run:
    """Runs the command in an empty folder, where the example is installed as a package would be."""
    site = tmp_path / "site"
    site.mkdir()
    shutil.copy(EXAMPLE, site)
    declared = next(text for text in re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL) if "entry-points" in text)
    (group, names), *others = tomllib.loads(declared)["project"]["entry-points"].items()
    assert others == []
    named = site / "dripline_ntfy-1.0.dist-info"
    named.mkdir()
    (named / "METADATA").write_text("Metadata-Version: 2.1\nName: dripline-ntfy\nVersion: 1.0\n")
    (named / "entry_points.txt").write_text("\n".join([f"[{group}]", *(f"{n} = {of}" for n, of in names.items())]))

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DRIPLINE_")}
        return subprocess.run(
            [sys.executable, "-m", "dripline", *arguments],
            cwd=tmp_path,
            env=clean | {"PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_the_command_line_sends_the_demos_sequence_through_it(dripline: Run, tmp_path: Path) -> None:
    steps = [{"message": step.message} for step in WARM.steps]
    sequence = {"name": WARM.name, "trigger": WARM.trigger, "channel": "ntfy", "steps": steps}
    (tmp_path / "warm.yaml").write_text(yaml.safe_dump(sequence))
    (tmp_path / "leads.csv").write_text("name,phone,trigger,ntfy_topic\nAina,0123456789,WARMEXAMA,aina\n")
    with Ntfy() as server:
        settings = {"DRIPLINE_CHANNELS_NTFY_URL": server.url, "DRIPLINE_CHANNELS_NTFY_TOKEN": TOKEN}
        for arguments in (["apply", "warm.yaml"], ["import", "leads.csv"], *[["tick"]] * len(steps), ["doctor"]):
            done = dripline(*arguments, **settings)
            assert done.returncode == 0, done.stderr
        requests = [(request.headers["authorization"], json.loads(request.body)) for request in server.requests]

    assert requests == [
        (
            f"Bearer {TOKEN}",
            {"topic": "aina", "title": "Warm EXAMA", "message": step.message.replace("{{ name }}", "Aina")},
        )
        for step in WARM.steps
    ]


def test_without_its_token_it_says_where_to_write_it(dripline: Run, tmp_path: Path) -> None:
    (tmp_path / "warm.yaml").write_text("name: Warm\ntrigger: WARM\nchannel: ntfy\nsteps: [{message: Hi}]\n")
    refused = dripline("apply", "warm.yaml")

    assert refused.returncode == 2
    assert refused.stderr == (
        "dripline: The channel 'ntfy' needs the setting token: set DRIPLINE_CHANNELS_NTFY_TOKEN, or token in "
        "[channels.ntfy] of dripline.toml.\n"
    )
