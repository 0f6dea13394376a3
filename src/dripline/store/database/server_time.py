"""By how much a machine's clock is wrong, by the clock of the database server; and where there is none, by its own.

Programs on several machines share one PostgreSQL. They agree about what is due because each of them adds this
difference to its own clock.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

ASK_EVERY = timedelta(minutes=1)
"""How old the answer of the server may be before it is asked again."""

REPORTED_FROM = timedelta(seconds=2)
"""From which difference on a person should know."""

JUMPED_FROM = timedelta(minutes=1)
"""From which jump on a person should know, where there is no other clock."""

SET_FROM = timedelta(seconds=1)
"""From which jump on a clock was set: by less it is led by NTP, or was read between two turns of a busy machine."""

_log = logging.getLogger("dripline.store")


class Machine(Protocol):
    """The clocks of a machine: one that people and NTP set, and one that nobody can."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def seconds(self) -> float:
        """Return how many seconds have passed since some instant."""
        ...


class ServerTime:
    """The difference between a machine's clock and the server's, which `ask` reads.

    Between two answers the server's time goes on by the clock that nobody can set: a machine that is set an hour ahead
    is right at once, and not only when the server is next asked.
    """

    def __init__(self, machine: Machine, ask: Callable[[], datetime]) -> None:
        self._machine, self._ask = machine, ask
        self._asked_at: datetime | None = None
        self._asked_after = 0.0
        self._behind = self._reported = timedelta(0)

    @property
    def behind(self) -> timedelta:
        """What to add to the machine's clock; negative where it is ahead."""
        return self._behind if self._asked_at is None else self._behind - self._set_by(self._asked_at)

    def _set_by(self, asked_at: datetime) -> timedelta:
        """Return by how much the machine's clock was set since the server was asked."""
        moved = self._machine.now() - asked_at - timedelta(seconds=self._machine.seconds() - self._asked_after)
        return moved if abs(moved) > SET_FROM else timedelta(0)

    def keep(self) -> None:
        """Ask the server, if a minute has passed or the machine's clock was set since it was last asked."""
        before, began = self._machine.now(), self._machine.seconds()
        if self._asked_at is not None and not self._is_old(self._asked_at, before):
            return
        theirs, after = self._ask(), self._machine.now()
        self._asked_at, self._asked_after = after, self._machine.seconds()
        # As long as it took by the clock that nobody sets: the other one may be set meanwhile.
        on_the_way = timedelta(seconds=self._asked_after - began) / 2
        behind = theirs + on_the_way - after
        # Within the time that the answer took, nothing says which of the two is right.
        if abs(behind - self._behind) > on_the_way:
            self._behind = behind
            self._tell()

    def _is_old(self, asked_at: datetime, now: datetime) -> bool:
        return abs(now - asked_at) >= ASK_EVERY or self._set_by(asked_at) != timedelta(0)

    def _tell(self) -> None:
        if abs(self._behind - self._reported) <= REPORTED_FROM:
            return
        self._reported = self._behind
        if abs(self._behind) > REPORTED_FROM:
            _log.warning(
                "clock.differs behind=%.1fs: the database server's is used, synchronize this machine with NTP",
                self._behind.total_seconds(),
            )
        else:
            _log.info("clock.agrees: it is that of the database's server again")


class ClockJumps:
    """By how much a machine's clock was set while this process ran, where there is no server to say what is right."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._began_at, self._began = machine.now(), machine.seconds()
        self._reported = timedelta(0)

    def look(self) -> timedelta:
        """Return it, and log it if it is news."""
        passed = timedelta(seconds=self._machine.seconds() - self._began)
        ahead = self._machine.now() - self._began_at - passed
        if abs(ahead - self._reported) >= JUMPED_FROM:
            _log.warning(
                "clock.jumped by=%+.0fs: what is due goes by this machine's clock, set it right and let NTP keep it",
                (ahead - self._reported).total_seconds(),
            )
            self._reported = ahead if abs(ahead) >= JUMPED_FROM else timedelta(0)
        return self._reported
