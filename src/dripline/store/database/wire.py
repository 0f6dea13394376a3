"""One connection to PostgreSQL, and how it is found out that nothing will come over it any more.

What was never acknowledged, and a peer that is gone, are found by the system: it is asked to give up after `UNHEARD`
and `GONE_AFTER` instead of the minutes and hours that it takes by itself. An answer that does not come although
everything was acknowledged is found by `store/database/watchdog.py`, which needs to know what is being asked, and since
when.
"""

import os
import socket
import time
from typing import Any, TypeVar

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typing_extensions import override

from dripline.shutdown import ENDING

CONNECT_TIMEOUT = 10
"""How long to wait for PostgreSQL to answer a new connection, in seconds."""

CONNECT_SOONER = 3
"""The same in a process that is to end, and of each server where the URL names several: the next one may answer."""

UNHEARD = 20
"""After how long a connection is given up on which nothing that was sent is acknowledged, in seconds."""

IDLE, INTERVAL, PROBES = 10, 5, 3

GONE_AFTER = IDLE + PROBES * INTERVAL
"""After how long a connection is given up on which nothing was under way when its peer went, in seconds."""

Answer = TypeVar("Answer")

Parameter = str | int


class Wait:
    """Something that is waited for on a connection: one of these for each wait, so that two are never mixed up."""

    __slots__ = ("again_at", "at", "is_reported", "is_suspect")

    def __init__(self, at: float) -> None:
        self.at = at
        self.again_at = 0.0
        """When the server is asked about it at the soonest."""
        self.is_suspect = self.is_reported = False


def seconds() -> float:
    """Return seconds since some instant: silence is measured by a clock that nobody can set."""
    return time.perf_counter()


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that tells what it waits for, and can be hung up by another thread."""

    asked: Wait | None = None
    """What it waits for now."""

    name = "dripline, not settled"
    """What the server calls it, as it calls no other one."""

    url = label = ""
    """Where it leads, and how that may be told."""

    def another(self) -> "WatchedConnection":
        """Return one more connection to the same server, of however many the URL names."""
        there: dict[str, Parameter] = {"host": self.info.host, "port": self.info.port, "hostaddr": self.info.hostaddr}
        # Whatever became of it: a primary may be a standby by now.
        there["target_session_attrs"] = "any"
        if names_several(self.url):
            there["connect_timeout"] = CONNECT_SOONER
        return WatchedConnection.to(self.url, **{key: value for key, value in there.items() if value})

    def elsewhere(self) -> "WatchedConnection":
        """Return a connection to the server, of those that the URL names, that can be written now.

        Raises:
            psycopg.OperationalError: There is none.
        """
        return WatchedConnection.to(self.url, target_session_attrs="read-write", connect_timeout=CONNECT_SOONER)

    @classmethod
    def to(cls, url: str, **parameters: Parameter) -> "WatchedConnection":
        """Connect, and give up in time. Nothing is prepared unasked: a pool may hand what comes next to another."""
        return cls.connect(patient(url, **parameters), autocommit=True, prepare_threshold=None)

    @override
    def wait(self, gen: PQGen[Answer], *limits: Any, **named_limits: Any) -> Answer:
        self.asked = Wait(seconds())
        try:
            return super().wait(gen, *limits, **named_limits)
        finally:
            self.asked = None

    def hang_up(self, asked: Wait) -> bool:
        """End a wait that still lasts as if the peer had closed the connection; returns whether it lasted."""
        try:
            place = self.pgconn.socket
            copy = os.dup(place)
        except (OSError, psycopg.Error):
            return False
        with socket.socket(fileno=copy) as end:
            # The same wait, and the same socket as before it was copied: else the number may be another one's by now.
            if self.asked is not asked or self.pgconn.socket != place:
                return False
            end.shutdown(socket.SHUT_RDWR)
            return True


def patient(url: str, **parameters: Parameter) -> str:
    """Return what to connect to, and how soon to give up, as far as neither the URL nor the environment says."""
    are_several = names_several(url)
    is_hurried = ENDING.is_set() or are_several
    ours: dict[str, Parameter] = {
        "connect_timeout": CONNECT_SOONER if is_hurried else CONNECT_TIMEOUT,
        "tcp_user_timeout": UNHEARD * 1_000,
        "keepalives": 1,
        "keepalives_idle": IDLE,
        "keepalives_interval": INTERVAL,
        "keepalives_count": PROBES,
    }
    if are_several:
        # Else the first that answers is taken, which may be a standby after a failover.
        ours["target_session_attrs"] = "read-write"
    left_open = {key: value for key, value in ours.items() if not given(url, key)}
    return make_conninfo(url, **(left_open | parameters))


def names_several(url: str) -> bool:
    """Return whether a URL, or the environment, names more than one server."""
    return count_servers(url) > 1


def count_servers(url: str) -> int:
    """Return how many servers a URL, or the environment, names."""
    return 1 + max(given(url, "host").count(","), given(url, "hostaddr").count(","))


def given(url: str, key: str) -> str:
    """Return what the URL, else the environment, says of a parameter of a connection; empty where they say nothing."""
    said = conninfo_to_dict(url).get(key)
    if said is not None:
        return str(said)
    defaults = {option.keyword.decode(): option for option in pq.Conninfo.get_defaults()}
    found = defaults.get(key)
    # What is compiled in, nobody said.
    return "" if found is None or found.val is None or found.val == found.compiled else found.val.decode()
