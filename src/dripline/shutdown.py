"""Whether this process is to end: whoever waits for a database then waits no longer than it has to."""

import signal
from collections.abc import Callable
from threading import Event

ENDING = Event()
"""Set by a program that was told to end, and is dripline's alone."""

HEAR_FIRST: list[Callable[[int], None]] = []
"""Told of the first signal that ends the processor as well, also where its event loop is held up."""


def ending_signals() -> list[signal.Signals]:
    """Return the signals that end a program here; a SIGHUP that is ignored, as nohup does, ends nothing."""
    known: list[signal.Signals | None] = [getattr(signal, name, None) for name in ("SIGHUP", "SIGBREAK")]
    others = [one for one in known if one is not None and signal.getsignal(one) is not signal.SIG_IGN]
    return [signal.SIGINT, signal.SIGTERM, *others]
