"""A standby of the database, from which reports and lists are read; and the database itself where that is away."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from dripline.app.stores import Stores
from dripline.errors import DatabaseContended, DatabaseProblem, DatabaseUnreachable
from dripline.store.database.connect import connect
from dripline.store.database.database import Database
from dripline.store.database.standby import behind, standby_url
from dripline.store.migrations.schema import newest, version

LOOK_AGAIN = timedelta(seconds=30)
"""How long a standby that was away is left alone."""

ASK_EVERY = timedelta(seconds=5)
"""How old an answer to how far it is behind may be."""

LAG_LIMIT = timedelta(minutes=1)
"""By how much a standby may be behind before it counts as away."""

T = TypeVar("T")

_log = logging.getLogger("dripline.store")


class StandbyWatch:
    """Whether a standby is there, for all connections of a process: it is logged once that it went, and once back."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = Lock()
        self._away_since: datetime | None = None

    def may_be_asked(self, now: datetime) -> bool:
        """Return whether it is there, or was away for so long that it is worth another try, which is the caller's.

        Others are answered by the primary meanwhile: a host that drops packets keeps one of them waiting, not all.
        """
        with self._lock:
            if self._away_since is None:
                return True
            if timedelta(0) <= now - self._away_since < LOOK_AGAIN:
                return False
            self._away_since = now
            return True

    def went(self, problem: DatabaseProblem, now: datetime) -> None:
        """Note that it did not answer."""
        with self._lock:
            is_news, self._away_since = self._away_since is None, now
        if is_news:
            _log.warning("replica.away: reports and lists are read from the primary error=%s", problem)

    def answered(self) -> None:
        """Note that it answered."""
        with self._lock:
            is_news, self._away_since = self._away_since is not None, None
        if is_news:
            _log.info("replica.back")


class Replica:
    """One connection to a standby, opened when something is first read from it."""

    def __init__(self, watch: StandbyWatch, make: Callable[[Database], Stores], now: Callable[[], datetime]) -> None:
        self._watch, self._make, self._now = watch, make, now
        self._stores: Stores | None = None
        self._asked_at: datetime | None = None
        self._was_behind: timedelta | None = None
        self.behind: timedelta | None = None
        """By how much the standby was behind when it was last read from; None where the primary was read."""

    def read(self, ask: Callable[[Stores], T], primary: Stores) -> T:
        """Return what is asked of the standby, or of the primary where that is away, too far behind or older."""
        now = self._now()
        if self._watch.may_be_asked(now):
            try:
                answer = ask(self._opened(now))
            except DatabaseContended:
                # What the standby replays came in the way of the question; the next one may well be answered.
                pass
            except DatabaseProblem as problem:
                self._watch.went(problem, now)
                self.close()
            else:
                self._watch.answered()
                self.behind = self._was_behind
                return answer
        self.behind = None
        return ask(primary)

    def close(self) -> None:
        """Give the connection back."""
        stores, self._stores, self._asked_at = self._stores, None, None
        if stores is not None:
            with suppress(DatabaseProblem):
                stores.database.close()

    def _opened(self, now: datetime) -> Stores:
        """Return the stores of a standby that has this schema, and is not far behind.

        Raises:
            DatabaseProblem: There is none.
        """
        if self._stores is None:
            self._stores = self._make(connect(standby_url(self._watch.url), create=False))
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < ASK_EVERY:
            self._check(self._stores.database)
            self._asked_at = now
        return self._stores

    def _check(self, database: Database) -> None:
        if version(database) != newest():
            raise DatabaseUnreachable(f"{database.label} has another schema than this dripline works with.")
        self._was_behind = found = behind(database)
        if found is None or found > LAG_LIMIT:
            far = "by an unknown time" if found is None else f"by {found.total_seconds():.0f} s"
            raise DatabaseUnreachable(f"{database.label} is behind its primary {far}.")
