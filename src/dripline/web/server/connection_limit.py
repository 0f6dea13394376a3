"""Room for connections: how many are open at once, in all and of one client, and which gives way to another.

Connections that wait for whoever made them (for headers, for the rest of a body, for another request) give way, those
that are being answered do not. Strangers go first: a client that has lately brought a token, a session or a signature
keeps its connections as long as there is one of somebody who has not. Among them the client with the most goes first,
and of its connections the one that has got on least lately: so one that is in use keeps its place, whatever a stranger
opens beside it.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Protocol

CONNECTIONS_LIMIT = 512
"""How many connections are open at once, where the process may open files enough."""

FILES_SHARE_LIMIT = 2
"""What part of the files that a process may open is connections': one in so many. The processor has the others."""

CONNECTIONS_OF_ONE = 2
"""What part of all connections one client may have: one in so many. A trusted proxy may have all."""

PROVED_LASTS = 600.0
"""How long a client is no stranger after it has proved itself, in seconds."""

PROVED_LIMIT = 4_096
"""How many such clients are remembered; the one that proved itself longest ago is forgotten."""

WARN_EVERY = 60.0
"""How often the log tells that connections gave way, in seconds."""

_log = logging.getLogger("dripline.web")


def connections_allowed() -> int:
    """Return how many connections this process may have open: few enough to leave it files for everything else."""
    try:
        import resource
    except ImportError:
        # Windows: the event loop that PostgreSQL's driver needs there watches 512 sockets at most.
        return CONNECTIONS_LIMIT // FILES_SHARE_LIMIT
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS_LIMIT if files == resource.RLIM_INFINITY else min(CONNECTIONS_LIMIT, files // FILES_SHARE_LIMIT)


class Guest(Protocol):
    """An open connection."""

    def give_way(self) -> None:
        """Close it at once."""
        ...


@dataclass(slots=True, eq=False)
class _Party:
    """The connections of one client: how many, and those that wait for it, the one that got on least lately first."""

    client: str
    open: int = field(default=0, kw_only=True)
    waiting: dict[Guest, None] = field(default_factory=dict["Guest", None], kw_only=True)


class Room:
    """The connections of one server."""

    def __init__(self, limit: int) -> None:
        self._limit, self._of_one = limit, max(1, limit // CONNECTIONS_OF_ONE)
        self._parties: dict[str, _Party] = {}
        self._of: dict[Guest, _Party] = {}
        self._proved: dict[str, float] = {}
        self._gave_way = 0
        self._warned_at: float | None = None

    @property
    def open(self) -> int:
        """How many are open."""
        return len(self._of)

    def enter(self, guest: Guest, client: str, *, is_proxy: bool = False) -> bool:
        """Let a connection in, for which another one gives way where there is no room; False where none can.

        A proxy may have all of them.
        """
        party = self._parties.get(client) or _Party(client)
        if party.open >= self._of_one and not is_proxy:
            has_room = self._let_go(party)
        else:
            has_room = self.open < self._limit or self._let_go(self._largest())
        if not has_room:
            self._tell()
            return False
        self._parties[client] = self._of[guest] = party
        party.open += 1
        party.waiting[guest] = None
        return True

    def got_on(self, guest: Guest, *, waits: bool) -> None:
        """Note that a connection has got on, and whether it waits for its client now."""
        party = self._of.get(guest)
        if party is None:
            return
        party.waiting.pop(guest, None)
        if waits:
            party.waiting[guest] = None

    def prove(self, client: str) -> None:
        """Note that a client is no stranger."""
        self._proved.pop(client, None)
        self._proved[client] = asyncio.get_running_loop().time()
        if len(self._proved) > PROVED_LIMIT:
            del self._proved[next(iter(self._proved))]

    def leave(self, guest: Guest) -> None:
        """Note that a connection is closed."""
        party = self._of.pop(guest, None)
        if party is None:
            return
        party.waiting.pop(guest, None)
        party.open -= 1
        if not party.open:
            del self._parties[party.client]

    def _largest(self) -> _Party | None:
        since = asyncio.get_running_loop().time() - PROVED_LASTS

        def order(party: _Party) -> tuple[bool, int]:
            return self._proved.get(party.client, since) <= since, party.open

        return max((one for one in self._parties.values() if one.waiting), key=order, default=None)

    def _let_go(self, party: _Party | None) -> bool:
        if party is None or not party.waiting:
            return False
        guest = next(iter(party.waiting))
        self.leave(guest)
        guest.give_way()
        self._tell()
        return True

    def _tell(self) -> None:
        self._gave_way += 1
        now = asyncio.get_running_loop().time()
        if self._warned_at is None or now >= self._warned_at + WARN_EVERY:
            _log.warning("web.connections_full open=%s gave_way=%s", self.open, self._gave_way)
            self._warned_at, self._gave_way = now, 0
