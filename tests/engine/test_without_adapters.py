"""The engine knows what a channel is, and no channel: it sends where no adapter can be imported."""

import subprocess
import sys
import tomllib
from pathlib import Path

import dripline.channels

SCRIPT = Path(__file__).with_name("without_adapters.py")
KEPT = {"__init__", "contract", "accounts", "by_sender", "capabilities", "base"}
"""What a channel is, what it may say of itself, and which one speaks for a sender."""


FOLDER = Path(dripline.channels.__file__).parent
ADAPTERS = {path.stem for path in FOLDER.iterdir() if path.suffix == ".py" or path.is_dir()} - KEPT - {"__pycache__"}


def test_the_layers_forbid_every_channel_and_allow_what_one_is() -> None:
    written = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    contracts = {one["name"]: one for one in written["tool"]["importlinter"]["contracts"]}
    contract = contracts["The engine imports no adapter"]
    allowed = {one.rpartition(".")[2] for one in contract["ignore_imports"]}

    assert contract["forbidden_modules"] == ["dripline.channels.*"]
    assert allowed <= KEPT


def test_a_tick_needs_no_adapter() -> None:
    ran = subprocess.run([sys.executable, SCRIPT, *sorted(ADAPTERS)], capture_output=True, text=True, check=False)

    assert ran.stdout == "60123456789 Hi\nsent 1\n", ran.stderr
