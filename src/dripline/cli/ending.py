"""How a command ends that is told to: transactions are rolled back, files are closed, and its exit code says why."""

import signal
from types import FrameType
from typing import NoReturn

from dripline.cli.output import say
from dripline.engine.signals import ending_signals


def end_at_signals() -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP end the command as an error would, with the exit code that a shell expects.

    What sends messages lets what is under way be answered first: `dripline.engine.signals`.
    """
    for number in ending_signals():
        signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    name = signal.Signals(number).name
    say("stopped by Ctrl-C." if number == signal.SIGINT else f"stopped by {name}.")
    raise SystemExit(128 + number)
