"""Mail servers that tests start themselves, each in a folder and on a port of its own."""

import os
import pwd
import shutil
import smtplib
import socket
from pathlib import Path

USER = "games"
"""A user that every Debian has, and that gets no mail."""

UNPACKED = Path(__file__).parents[2] / ".venv" / "exim"
"""Where `.ci/run` unpacks Exim: Debian's cannot be installed beside its postfix."""

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def program(name: str, *, user: str = USER) -> str | None:
    """Return where a server's program is, if it is there and ours to start, as a user that the machine knows."""
    may_start = os.geteuid() == 0 and {USER, user} <= {known.pw_name for known in pwd.getpwall()}
    return shutil.which(name, path=f"{UNPACKED}/usr/sbin:{_PATH}") if may_start else None


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def greets(port: int) -> bool:
    """Return whether a mail server answers."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            return client.noop()[0] == 250
    except OSError:
        return False


def listens(port: int) -> bool:
    """Return whether a server takes connections."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False
