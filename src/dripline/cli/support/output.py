"""The program's output: written in whatever encoding it has, and a sentence where it cannot be written at all."""

import errno
import io
import os
import sys
from typing import TextIO

GONE = frozenset({errno.EPIPE, errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EBADF})
"""What writing to a closed pipe, a closed terminal or a full disk ends with."""


def write_what_can_be_written() -> None:
    """Let signs that the output's encoding lacks be written as escapes and not end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_gone(error: OSError) -> bool:
    """Return whether an error means that the output takes nothing any more."""
    return error.errno in GONE and error.filename is None


def say(sentence: str) -> None:
    """Write one sentence to stderr, if anybody still reads that."""
    try:
        sys.stderr.write(f"dripline: {sentence}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return


def close() -> OSError | None:
    """Write what is still to be written, or leave it: Python would try again at its end, and complain."""
    lost = None
    for stream in _streams():
        try:
            stream.flush()
        except OSError as error:
            lost = error
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except ValueError:  # closed already
            continue
    return lost


def _streams() -> list[TextIO]:
    """Return what there is: a program that was started without an output has none."""
    streams: tuple[TextIO | None, ...] = (sys.stdout, sys.stderr)
    return [stream for stream in streams if stream is not None]
