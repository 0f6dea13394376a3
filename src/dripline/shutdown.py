"""Whether this process is to end: whoever waits for a database then waits no longer than it has to."""

from threading import Event

ENDING = Event()
"""Set by a program that was told to end, and is dripline's alone."""
