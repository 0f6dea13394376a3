"""Every code block of the docs is run, or stands here with the reason why not."""

import json
import re
import shlex
import shutil
import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from dripline import Dripline
from dripline.cli.support.registry import command_line
from dripline.config.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)

NOT_RUN = {
    '{% extends "layout/shell.html" %}': "a template of a page: tests/web",
    "Lead 60123456789 gains the trigger": "the demo's output, held by tests/test_docs.py",
    "make demo": "run by .ci/run",
    "python3 -m venv .venv": "run by tests/installation",
    "uv venv": "run by tests/installation",
    "trigger → app.add_lead": "a picture",
    "                cli": "a picture",
    "[project.entry-points": "run by tests/conformance/test_example.py",
    '"""Push notifications': "examples/dripline_ntfy.py, run by tests/conformance/test_example.py",
    "from collections.abc import Iterator": "run by tests/conformance/test_example.py",
    "curl http://127.0.0.1:8000/api/v1/leads": "the same post is in tests/web/test_api.py",
    "curl -X POST 'https://drip.example.com/intake": "the same post is in tests/web/test_intake.py",
    "DRIPLINE_TELEGRAM_BOT": "asks Telegram; its settings are held by tests/test_docs.py",
    "DRIPLINE_WEB_URL": "settings, held by tests/test_docs.py",
    "dripline run": "runs until Ctrl-C: tests/cli/test_being_stopped.py",
    "dripline demo --serve": "runs until Ctrl-C: tests/simulate",
    "export DRIPLINE_SMTP_HOST": "sends mail: tests/spec/test_mail_run.py",
    "dripline senders connect": "asks for its secrets: tests/cli/test_connecting.py",
    "$ dripline apply warm-exama.yaml --reach all": "output; the same plan is in tests/app",
    "$ dripline simulate": "output; the same figures are in tests/simulate",
    "dripline simulate shop.yaml": "five thousand leads; kept and expected in tests/simulate",
    "hours: 13 → 7": "output",
    "   dripline worker × N": "a picture",
    "bootstrap:": "settings of Patroni, held by tests/failover",
    "DRIPLINE_DB=postgresql://shop@a.example.com": "such a URL is in tests/failover",
    "listen primary": "such files are in tests/failover",
    "DRIPLINE_DB_REPLICA=": "the same is in tests/app/test_replica.py",
    "13,555 WARNING listen.lost": "output of tests/failover",
    "500 senders, the largest with": "output, held by tests/figures/test_sharding.py",
}
"""How a block that is not run begins, and why."""

ENDLESS = {"dripline run"}
"""Commands within a block that run until Ctrl-C."""

FILES = {"yaml": "warm.yaml", "csv": "leads.csv"}
"""What a page calls the files that it shows."""

LIST = "No. Telefon,Depan,Belakang,Minat,Nota\n012-345 6789,Aina,Zain,EXAMA,-\n"
"""A list with columns as the command in docs/operating.md names them."""

CONFIGURED = {
    "SMTP_HOST": "mail.example.com",
    "SMTP_SENDER": "shop@example.com",
    "WHATSAPP_TOKEN": "t",
    "GOWA_BASE_URL": "http://127.0.0.1:1",
    "GOWA_USERNAME": "shop",
    "GOWA_PASSWORD": "none",
}
"""What makes the channels known that the files name."""

HEAD = "name: X\ntrigger: X\nchannel: whatsapp\nvariables: {niche: it, code: A}\nsteps:\n  - message: Hi\n"
"""What stands above a step that is shown alone."""

BESIDE = """
---
sender: jb-9
channel: console
pool: sales
---
name: Hot EXAMA
trigger: HOTEXAMA
steps: [{message: Hi}]
---
"""
"""What the full sequence of docs/sequences.md names."""


@dataclass(frozen=True)
class Block:
    """A code block and where it stands."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def reason(self) -> str | None:
        """Why it is not run."""
        return next((why for start, why in NOT_RUN.items() if self.text.startswith(start)), None)

    @property
    def kind(self) -> str:
        """What runs it."""
        is_shell = self.language in {"", "sh", "bash"} and self.text.startswith("dripline ")
        return "shell" if is_shell else self.language


def blocks() -> list[Block]:
    """Return every block that there is."""
    return [
        Block(page, text[: found.start()].count("\n") + 1, *found.groups())
        for page in PAGES
        for text in [page.read_text("utf-8")]
        for found in BLOCK.finditer(text)
    ]


BLOCKS = blocks()
RUN = [block for block in BLOCKS if block.reason is None]


def of(*kinds: str) -> pytest.MarkDecorator:
    chosen = [block for block in RUN if block.kind in kinds]
    return pytest.mark.parametrize("block", chosen, ids=lambda block: f"{block.page.stem}:{block.line}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in, with the examples in it and nobody's settings."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def dripline(command: str) -> None:
    """Run a command of the command line in this process."""
    arguments = shlex.split(command, comments=True)[1:]
    with pytest.raises(SystemExit) as ended:
        command_line([arguments[0]])(arguments)
    assert ended.value.code in {0, None}, command


@of("shell")
def test_commands_run_as_they_stand(block: Block, folder: Path) -> None:
    (folder / "leads.csv").write_text(LIST)
    for other in (other for other in BLOCKS if other.page == block.page and other.language in FILES):
        (folder / FILES[other.language]).write_text(other.text)
    Dripline("dripline.db").close()

    for line in block.text.splitlines():
        command = line.partition("  #")[0].strip()
        if command and command not in ENDLESS:
            dripline(command)


@of("yaml")
def test_files_of_sequences_and_senders_are_applied(
    block: Block, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CONFIGURED.items():
        monkeypatch.setenv(f"DRIPLINE_{name}", value)
    text = block.text
    if text.startswith("  - after:"):
        text = HEAD + text
    beside = BESIDE if "then: HOTEXAMA" in text else ""
    (folder / "shown.yaml").write_text(beside + text)

    dripline("dripline apply shown.yaml")


@of("toml")
def test_settings_are_read(block: Block) -> None:
    assert set(tomllib.loads(block.text)) <= set(Settings.model_fields)


@of("json")
def test_json_is_json(block: Block) -> None:
    assert json.loads(block.text)


@of("python")
@pytest.mark.usefixtures("folder")
def test_programs_run_as_they_stand(block: Block) -> None:
    exec(compile(block.text, str(block.page), "exec"), {})  # noqa: S102  (our own docs)


@of("sql")
def test_queries_run(block: Block, new_url: Callable[[str], str]) -> None:
    if "NOW()" in block.text:
        with psycopg.connect(new_url("postgresql")) as connection:
            connection.execute(block.text.encode())
    else:
        with closing(sqlite3.connect(new_url("sqlite").removeprefix("sqlite:///"))) as connection:
            connection.execute(block.text)


def test_every_block_is_run_or_says_why_not() -> None:
    kinds = {"shell", "yaml", "toml", "json", "python", "sql", "csv"}

    assert [(block.page.name, block.line) for block in RUN if block.kind not in kinds] == []


def test_no_reason_is_left_over() -> None:
    assert [start for start in NOT_RUN if not any(block.text.startswith(start) for block in BLOCKS)] == []
