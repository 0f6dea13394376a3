"""The event loop that programs run on, and the signals that end them.

Signals that end a program are Ctrl-C, SIGTERM, SIGHUP when its terminal closes, and Ctrl-Break on Windows.
The first one lets what is being sent be answered and hands back the rest. A second one, half a second after the last at
the soonest, ends what is being sent as well, which is unknown then; everything else is handed back. It does what it did
before when that is written; a third one does so at once, and so does a second where the event loop is held up and has
not even heard the first.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Any, TypeVar

from dripline.shutdown import HEAR_FIRST, ending_signals

POLL = timedelta(seconds=15)
"""How often the processor looks, whatever it knows."""

SAME_FOR = 0.5
"""For how many seconds after a signal another one is taken for the same.

`timeout` sends its signal to a program and again to its process group.
"""

LOOKS_UP_EVERY = 0.5
"""How often the event loop looks for signals where they do not wake it, in seconds."""

Handler = Callable[[int, FrameType | None], object] | int | None

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run something on an event loop of its own, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=loop_factory(sys.platform)) as runner:
        return runner.run(main)


def loop_factory(platform: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop on a platform; None for its usual one.

    On Windows that one would be a proactor, with which psycopg waits for nothing.
    """
    return asyncio.SelectorEventLoop if platform == "win32" else None


class Ending:
    """Which signal asked to end, if any did, and how far that came.

    `stop` is called on the event loop at the first one, `task` is cancelled at the second.
    """

    def __init__(self, stop: Callable[[], None], task: "asyncio.Task[object] | None") -> None:
        self.number: signal.Signals | None = None
        self._stop = stop
        self._task = task
        self._loop = asyncio.get_running_loop()
        self._before: dict[signal.Signals, Handler] = {}
        self._last_at: float | None = None
        self._is_heard = self._is_urgent = self._is_cut_off = False
        self._waking: asyncio.TimerHandle | None = None

    def pass_on(self) -> None:
        """Let the signal do what it would have done, now that everything is handed back."""
        if self.number is not None:
            signal.raise_signal(self.number)

    def listen(self) -> None:
        """Listen to signals in place of whoever did before; `give_back` lets that one listen again.

        These are not the loop's own handlers: they run also where the loop is held up, so that a second signal always
        ends it.
        """
        self._before = {number: signal.getsignal(number) for number in ending_signals()}
        for number in self._before:
            signal.signal(number, self._on_signal)
        if sys.platform == "win32":
            self.stay_awake()

    def stay_awake(self) -> None:
        """Let the loop look up now and then: on Windows no signal ends its wait, and none is heard before that."""
        self._waking = self._loop.call_later(LOOKS_UP_EVERY, self.stay_awake)

    def give_back(self) -> None:
        """Let signals do what they did before."""
        if self._waking is not None:
            self._waking.cancel()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def is_over(self) -> bool:
        """Return whether a second signal, and nobody else, cancelled the task; that is taken back then."""
        return self._is_cut_off and self._task is not None and self._task.uncancel() == 0

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        now = self._loop.time()
        is_same = self._last_at is not None and now - self._last_at < SAME_FOR
        self._last_at = now
        if self.number is None:
            self.number = signal.Signals(number)
            self._loop.call_soon_threadsafe(self._hear)
            for tell in HEAR_FIRST:
                tell(number)
        elif not is_same and self._is_heard and not self._is_urgent:
            self._is_urgent = True
            self._loop.call_soon_threadsafe(self._cut_off)
        elif not is_same:
            self.give_back()
            signal.raise_signal(signal.Signals(number))

    def _hear(self) -> None:
        self._is_heard = True
        self._stop()

    def _cut_off(self) -> None:
        if self._task is not None:
            self._is_cut_off = True
            self._task.cancel()


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Generator[Ending]:
    """Call `stop` at the first signal that ends programs, on the running event loop, and end the block at the second.

    Only the main thread can be told of signals; elsewhere this does nothing.
    """
    ending = Ending(stop, asyncio.current_task())
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    ending.listen()
    try:
        yield ending
    except asyncio.CancelledError:
        ending.give_back()
        if ending.is_over():
            ending.pass_on()
        raise
    finally:
        ending.give_back()
