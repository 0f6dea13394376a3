"""Signals that end a program: Ctrl-C, SIGTERM, and SIGHUP when its terminal closes.

The first one lets what is being sent be answered and hands back the rest. A second one, half a second later at the
soonest, does what it did before: on the command line it ends the program at once, and what is being sent is unknown.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

SAME_FOR = 0.5
"""For how many seconds after the first signal another one is taken for the same.

`timeout` sends its signal to a program and again to its process group.
"""

Handler = Callable[[int, FrameType | None], object] | int | None


class Ending:
    """Which signal asked to end, if any did."""

    def __init__(self) -> None:
        self.number: signal.Signals | None = None

    def pass_on(self) -> None:
        """Let the signal do what it would have done, now that everything is handed back."""
        if self.number is not None:
            signal.raise_signal(self.number)


def ending_signals() -> list[signal.Signals]:
    """Return the signals that end a program here; a SIGHUP that is ignored, as nohup does, ends nothing."""
    hang_up: signal.Signals | None = getattr(signal, "SIGHUP", None)
    is_heard = hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([hang_up] if hang_up is not None and is_heard else [])]


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Generator[Ending]:
    """Call `stop` at the first signal that ends programs, on the running event loop.

    Only the main thread can be told of signals; elsewhere this does nothing.
    """
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Handler] = {number: signal.getsignal(number) for number in ending_signals()}

    first_at: float | None = None

    # Not the loop's own handlers: these run also where the loop is held up, so that a second signal always ends it.
    def leave(number: int, _frame: FrameType | None) -> None:
        nonlocal first_at
        if first_at is None:
            first_at = loop.time()
            ending.number = signal.Signals(number)
            loop.call_soon_threadsafe(stop)
        elif loop.time() - first_at >= SAME_FOR:
            _give_back(before)
            signal.raise_signal(signal.Signals(number))

    for number in before:
        signal.signal(number, leave)
    try:
        yield ending
    finally:
        _give_back(before)


def _give_back(before: dict[signal.Signals, Handler]) -> None:
    """Let signals do what they did before."""
    for number, handler in before.items():
        signal.signal(number, handler)
