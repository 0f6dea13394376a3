"""Waiting for what other processes do, on real time."""

import time
from collections.abc import Callable

from dripline.engine.clock import stopwatch

PATIENCE = 60
"""Seconds; far more than anything that is waited for needs."""


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    elapsed = stopwatch()
    while not holds():
        assert elapsed() < PATIENCE, "it did not come to be"
        time.sleep(0.05)  # noqa: TID251  (another process is to do it)


def pause(seconds: float) -> None:
    """Let time pass, where that is what is tested."""
    time.sleep(seconds)  # noqa: TID251
