"""Real time: waiting for what other processes do, and what work costs."""

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


def least_seconds(work: Callable[[], object], enough: float) -> float:
    """Return the seconds of processor time that work takes at best, in three tries or until one takes less than enough.

    A collection of garbage, or a neighbour on the same core, may fall into any one try.
    """
    least = float("inf")
    for _ in range(3):
        began = time.thread_time()
        work()
        least = min(least, time.thread_time() - began)
        if least < enough:
            break
    return least
