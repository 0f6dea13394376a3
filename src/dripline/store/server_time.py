"""By how much a machine's clock is wrong, by the clock of the database server.

Programs on several machines share one PostgreSQL. They agree about what is due because each of them adds this
difference to its own clock.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

ASK_EVERY = timedelta(minutes=1)
"""How old the answer of the server may be before it is asked again."""

TOLD_FROM = timedelta(seconds=2)
"""From which difference on a person should know."""

_log = logging.getLogger("dripline.store")


class ServerTime:
    """The difference between a machine's clock, `now`, and the server's, which `ask` reads."""

    def __init__(self, now: Callable[[], datetime], ask: Callable[[], datetime]) -> None:
        self.behind = timedelta(0)
        """What to add to the machine's clock; negative where it is ahead."""
        self._now, self._ask = now, ask
        self._asked_at: datetime | None = None
        self._told = timedelta(0)

    def keep(self) -> None:
        """Ask the server, if a minute has passed or the machine's clock was set since it was last asked."""
        before = self._now()
        if self._asked_at is not None and abs(before - self._asked_at) < ASK_EVERY:
            return
        theirs, after = self._ask(), self._now()
        self._asked_at = after
        on_the_way = abs(after - before) / 2
        behind = theirs - (before + (after - before) / 2)
        # Within the time that the answer took, nothing says which of the two is right.
        if abs(behind - self.behind) > on_the_way:
            self.behind = behind
            self._tell()

    def _tell(self) -> None:
        if abs(self.behind - self._told) <= TOLD_FROM:
            return
        self._told = self.behind
        if abs(self.behind) > TOLD_FROM:
            _log.warning(
                "clock.differs behind=%.1fs: the database server's is used, synchronize this machine with NTP",
                self.behind.total_seconds(),
            )
        else:
            _log.info("clock.agrees: it is that of the database's server again")
