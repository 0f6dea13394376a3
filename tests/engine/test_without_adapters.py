"""The engine knows what a channel is, and no channel: it sends where no adapter can be imported."""

import subprocess
import sys
from pathlib import Path

import dripline.channels

SCRIPT = Path(__file__).with_name("without_adapters.py")
KEPT = {"__init__", "contract", "accounts", "capabilities", "base"}
"""What a channel is, and what it may say of itself."""


def test_a_tick_needs_no_adapter() -> None:
    folder = Path(dripline.channels.__file__).parent
    adapters = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()} - KEPT
    ran = subprocess.run([sys.executable, SCRIPT, *sorted(adapters)], capture_output=True, text=True, check=False)

    assert ran.stdout == "60123456789 Hi\nsent 1\n", ran.stderr
