"""How a command ends that is told to: transactions are rolled back, files are closed, and its exit code says why.

What still hangs a minute later, in a thread that nobody can reach, does not hold the process up.
"""

import os
import signal
from threading import Event, Thread
from types import FrameType
from typing import NoReturn

from dripline.cli.support.output import say
from dripline.shutdown import ENDING, HEAR_FIRST, ending_signals

ENDS_WITHIN = 60
"""How long a command has to end once it is told to, in seconds: a message may be under way for 30, and so be answered;
its answer is written, or kept in a file, in the 25 after that."""


def end_at_signals() -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP end the command as an error would, with the exit code that a shell expects.

    What sends messages lets what is under way be answered first: `dripline.engine.event_loop`.
    """
    for number in ending_signals():
        signal.signal(number, _end)
    HEAR_FIRST.append(_end_soon)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    _end_soon(number)
    name = signal.Signals(number).name
    say("stopped by Ctrl-C." if number == signal.SIGINT else f"stopped by {name}.")
    raise SystemExit(128 + number)


def _end_soon(number: int) -> None:
    """Wait for no database longer than it has to, and for nothing at all once a minute has passed."""
    if not ENDING.is_set():
        ENDING.set()
        Thread(target=_end_at_last, args=(number,), name="dripline-ending", daemon=True).start()


def _end_at_last(number: int) -> NoReturn:
    Event().wait(ENDS_WITHIN)
    words = f"something hung for {ENDS_WITHIN} s after {signal.Signals(number).name}, and was left."
    telling = Thread(target=say, args=(words,), daemon=True)
    telling.start()
    # Nobody may be reading.
    telling.join(1.0)
    os._exit(128 + number)
