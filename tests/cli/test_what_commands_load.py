"""Which families of packages each command loads when it runs: whoever waits for a command waits for all of them.

What reads a command line (typer) and the settings (pydantic) is in every command, phone numbers in nearly every one.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import done_in

from dripline.cli.support.registry import COMMANDS

FAMILIES = {
    "web": {"fastapi", "starlette", "uvicorn", "click", "h11"},
    "http": {"httpx", "httpcore", "anyio"},
    "tables": {"rich", "pygments"},
    "templates": {"jinja2"},
    "excel": {"openpyxl"},
    "postgresql": {"psycopg"},
    "yaml": {"yaml"},
    "mail": {"aiosmtplib", "aioimaplib"},
    "passwords": {"pwdlib", "argon2"},
    "alerts": {"apprise"},
    "secrets": {"keyring"},
    "encodings": {"chardet"},
}

PHONE = "60123456789"

LOADS = [
    ("demo", "tables templates"),
    ("apply warm.yaml", "yaml templates"),
    ("apply warm.yaml --dry-run", "yaml templates"),
    ("sequences", "templates"),
    ("import leads.csv --dry-run", "tables"),
    ("import leads.csv", "tables"),
    ("imports", "tables"),
    ("export", ""),
    ("run --help", ""),
    ("worker --help", ""),
    ("serve --help", ""),
    ("tick", "tables templates"),
    ("simulate warm.yaml --leads 2 --for 1h --json", "tables templates yaml"),
    (f"preview warm.yaml {PHONE}", "templates yaml"),
    ("today", "tables templates"),
    ("calendar", "tables"),
    ("report", "tables"),
    ("report --json", ""),
    (f"show {PHONE}", "tables"),
    (f"show {PHONE} --json", ""),
    (f"thread {PHONE}", "templates"),
    (f"thread {PHONE} --json", "templates"),
    (f"note {PHONE} called", ""),
    ("pause", ""),
    ("resume", ""),
    (f"stop {PHONE}", ""),
    (f"allow {PHONE}", ""),
    ("maybe-stopped", ""),
    (f"exit {PHONE}", ""),
    (f"receive {PHONE} Hello", ""),
    (f"untrigger {PHONE} WARMEXAMA", ""),
    (f"merge {PHONE} 60198765432", ""),
    (f"forget {PHONE}", ""),
    ("suppressions", ""),
    ("senders", "tables templates"),
    ("unknown", "tables"),
    ("events", "tables"),
    ("sources", "tables"),
    ("invite", ""),
    ("users", ""),
    ("restored --dry-run", "templates"),
    ("migrate", ""),
    ("archive --before 2020-01-01", "tables"),
    ("proof --help", ""),
    ("credentials", "tables templates"),
    ("doctor", "templates"),
    ("--help", "tables templates yaml"),
    ("--version", ""),
]
"""A command and the families that it needs."""

RUN = """
import sys
from dripline.cli.main import main
code = 0
try:
    main()
except SystemExit as end:
    code = end.code
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.__stderr__)
sys.exit(code)
"""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that has a lead under way and a second one."""
    folder = tmp_path_factory.mktemp("loaded")
    examples = Path(__file__).parents[2] / "examples"
    (folder / "warm.yaml").write_bytes((examples / "warm-exama.yaml").read_bytes())
    (folder / "leads.csv").write_text(f"phone,name,trigger\n{PHONE},Aina,WARMEXAMA\n60198765432,Ben,\n", "utf-8")
    return done_in(folder, ("apply", "warm.yaml"), ("import", "leads.csv"))


@pytest.mark.parametrize(("command", "needed"), LOADS, ids=[command for command, _ in LOADS])
def test_a_command_loads_what_it_needs(command: str, needed: str, shop: Path, tmp_path: Path) -> None:
    for file in shop.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DRIPLINE_")}
    asked = [sys.executable, "-c", RUN, *command.split()]
    ran = subprocess.run(
        asked, cwd=tmp_path, env=clean, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )

    assert ran.returncode == 0, ran.stderr
    loaded = set(ran.stderr.partition("LOADED")[2].split())
    assert {family for family, packages in FAMILIES.items() if packages & loaded} <= set(needed.split())


def test_every_command_is_in_the_table() -> None:
    assert [name for name in COMMANDS if name not in {command.split()[0] for command, _ in LOADS}] == []
